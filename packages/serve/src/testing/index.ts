/** What tests of TLS need, here and in the router. */
export { makeAuthority, makeCertificate, type Authority, type Issued } from './certificate';
