/* CRC-32C by the processor's own instruction, where it has one. Pure computation: no state, no input or output. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Whether this processor has the instruction. */
int tocsin_crc32c_is_native(void);

/* Goes on with a checksum over more bytes; only to be called when it is native. */
uint32_t tocsin_crc32c(uint32_t crc, const void *bytes, size_t count);
