import { LRUCache } from 'lru-cache';
import type { Folder } from './tree-object.ts';

/** Objects never change, so each is read once. Shared by all mirrors of a process. */
export interface ObjectCache {
  /** Commit → its root tree. */
  roots: LRUCache<string, string>;
  folders: LRUCache<string, Folder>;
  blobs: LRUCache<string, Buffer>;
}

/** Bytes per entry of a parsed folder, with its name and id, measured on Node 24. */
const ENTRY_BYTES = 250;

export interface CacheSizes {
  folderBytes: number;
  blobBytes: number;
}

export function createObjectCache({ folderBytes, blobBytes }: CacheSizes): ObjectCache {
  return {
    roots: new LRUCache({ max: 10_000 }),
    folders: new LRUCache({
      maxSize: folderBytes,
      sizeCalculation: (folder) => 100 + folder.size * ENTRY_BYTES,
    }),
    blobs: new LRUCache({ maxSize: blobBytes, sizeCalculation: (blob) => 100 + blob.length }),
  };
}
