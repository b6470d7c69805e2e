import { describe, expect, it } from '@jest/globals';
import { ownAddressAmong } from './own-address';

describe('ownAddressAmong', () => {
  it('finds this process among the routers by an address of the machine and the port', () => {
    const routers = ['192.0.2.1:8001', '127.0.0.1:8002', '127.0.0.1:8001'];
    expect(ownAddressAmong(routers, 8001)).toBe('127.0.0.1:8001');
    expect(ownAddressAmong(routers, 8002)).toBe('127.0.0.1:8002');
  });

  it('answers with an address of the machine where it is not listed yet', () => {
    const own = ownAddressAmong(['192.0.2.1:8001'], 8001);
    expect(own).toMatch(/:8001$/);
    expect(ownAddressAmong(['192.0.2.1:8001', own], 8001)).toBe(own);
  });
});
