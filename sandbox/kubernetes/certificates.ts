import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate with its key, both as PEM. */
export interface KeyPair {
  certificate: string;
  key: string;
}

export interface Certificates {
  /** Signs the three below and what tests have signed; every client and server of the sandbox trusts it alone. */
  authority: KeyPair;
  /** Of the API server, for 127.0.0.1, localhost and the names it has inside a cluster. */
  server: KeyPair;
  /** Of a cluster administrator: the group `system:masters`. */
  admin: KeyPair;
  /** Signs the tokens of service accounts. */
  serviceAccounts: { privateKey: string; publicKey: string };
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const LIFE_MS = 30 * 24 * 3600 * 1000;

/** Makes the certificates of one control plane; they are worth nothing to anybody else and live for 30 days. */
export async function makeCertificates(): Promise<Certificates> {
  const authorityKeys = await newKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(LIFE_MS),
    name: 'CN=slipway-sandbox',
    keys: authorityKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
    ],
  });
  const signer: Signer = { name: authority.subject, key: authorityKeys.privateKey };
  const server = [serverNames(), usage(x509.ExtendedKeyUsage.serverAuth)];
  return {
    authority: { certificate: authority.toString('pem'), key: await privatePem(authorityKeys) },
    server: await sign(signer, { subject: 'CN=kube-apiserver', extensions: server, lifeMs: LIFE_MS }),
    admin: await sign(signer, forClient('O=system:masters,CN=sandbox-admin', LIFE_MS)),
    serviceAccounts: await tokenKeys(),
  };
}

/** A client's certificate signed by the sandbox's authority, for tests of certificates that expire and are renewed. */
export async function clientCertificate(
  authority: KeyPair,
  subject: string,
  lifeMs: number,
): Promise<KeyPair> {
  const pkcs8 = x509.PemConverter.decodeFirst(authority.key);
  const key = await webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']);
  const name = new x509.X509Certificate(authority.certificate).subject;
  return sign({ name, key }, forClient(subject, lifeMs));
}

interface Signer {
  name: string;
  key: webcrypto.CryptoKey;
}

interface Request {
  subject: string;
  extensions: x509.Extension[];
  lifeMs: number;
}

function forClient(subject: string, lifeMs: number): Request {
  return { subject, extensions: [usage(x509.ExtendedKeyUsage.clientAuth)], lifeMs };
}

async function sign(signer: Signer, { subject, extensions, lifeMs }: Request): Promise<KeyPair> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(lifeMs),
    subject,
    issuer: signer.name,
    publicKey: keys.publicKey,
    signingKey: signer.key,
    signingAlgorithm: ALGORITHM,
    extensions,
  });
  return { certificate: certificate.toString('pem'), key: await privatePem(keys) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function validity(lifeMs: number): { serialNumber: string; notBefore: Date; notAfter: Date } {
  const now = Date.now();
  const serial = randomBytes(16);
  serial[0] = 1; // positive, without a leading zero: RFC 5280, 4.1.2.2
  return {
    serialNumber: serial.toString('hex'),
    notBefore: new Date(now - 60_000),
    notAfter: new Date(now + lifeMs),
  };
}

function serverNames(): x509.Extension {
  const dns = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  return new x509.SubjectAlternativeNameExtension([
    ...dns.map((value) => ({ type: 'dns', value }) as const),
    { type: 'ip', value: '127.0.0.1' },
    { type: 'ip', value: '10.96.0.1' },
  ]);
}

function usage(kind: x509.ExtendedKeyUsage): x509.Extension {
  return new x509.ExtendedKeyUsageExtension([kind]);
}

async function privatePem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
}

async function tokenKeys(): Promise<Certificates['serviceAccounts']> {
  const keys = await newKeys();
  const publicKey = await webcrypto.subtle.exportKey('spki', keys.publicKey);
  return { privateKey: await privatePem(keys), publicKey: x509.PemConverter.encode(publicKey, 'PUBLIC KEY') };
}
