import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate with its key, both as PEM. */
export interface KeyPair {
  certificate: string;
  key: string;
}

export interface Certificates {
  /** Signs the three below; every client and server of the sandbox trusts it alone. */
  authority: string;
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
    ...validity(),
    name: 'CN=slipway-sandbox',
    keys: authorityKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
    ],
  });
  const sign = async (subject: string, extensions: x509.Extension[]): Promise<KeyPair> => {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      ...validity(),
      subject,
      issuer: authority.subject,
      publicKey: keys.publicKey,
      signingKey: authorityKeys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions,
    });
    return { certificate: certificate.toString('pem'), key: await privatePem(keys) };
  };
  return {
    authority: authority.toString('pem'),
    server: await sign('CN=kube-apiserver', [serverNames(), usage(x509.ExtendedKeyUsage.serverAuth)]),
    admin: await sign('O=system:masters,CN=sandbox-admin', [usage(x509.ExtendedKeyUsage.clientAuth)]),
    serviceAccounts: await tokenKeys(),
  };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function validity(): { serialNumber: string; notBefore: Date; notAfter: Date } {
  const now = Date.now();
  const serial = randomBytes(16);
  serial[0] = 1; // positive, without a leading zero: RFC 5280, 4.1.2.2
  return {
    serialNumber: serial.toString('hex'),
    notBefore: new Date(now - 60_000),
    notAfter: new Date(now + LIFE_MS),
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
