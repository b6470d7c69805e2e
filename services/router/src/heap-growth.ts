import { setFlagsFromString } from 'node:v8';

// What is passed on is memory outside of V8's heap, and beside a heap of 14 MB requests that wait look like growth: V8 would collect
// all of it several times a second, which nearly doubled the CPU of a call of 602 KB. It has an effect only before the heap has grown.
setFlagsFromString('--heap-growing-percent=400');
