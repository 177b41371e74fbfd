/* protobuf-c by itself, without the lint before it, and the checksum: any bytes as any message of the protocol, under the address and
   undefined behaviour sanitizers. The arena that the tiers unpack into would hide from these what is written past its end; here every
   allocation is one of malloc's. The first two bytes choose the message, as MessageChoice does in Swift. */
#include <protobuf-c/protobuf-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CChecksum.h"

/* Made by Tests/fuzz/run of the headers: every message of the protocol. */
extern const ProtobufCMessageDescriptor *const all_messages[];
extern const size_t all_messages_count;

static uint16_t mark(const char *name) {
  uint32_t hash = 2166136261u;
  for (; *name; name++) hash = (uint32_t)((hash ^ (unsigned char)*name) * (uint64_t)16777619u);
  return (uint16_t)(hash >> 16 ^ hash);
}

/* The one whose mark follows; of the lowest mark when there is none. */
static const ProtobufCMessageDescriptor *chosen(uint16_t wanted) {
  const ProtobufCMessageDescriptor *best = NULL, *lowest = NULL;
  for (size_t index = 0; index < all_messages_count; index++) {
    const ProtobufCMessageDescriptor *one = all_messages[index];
    if (!lowest || mark(one->name) < mark(lowest->name)) lowest = one;
    if (mark(one->name) >= wanted && (!best || mark(one->name) < mark(best->name))) best = one;
  }
  return best ? best : lowest;
}

/* As much as the lint's limit would let one message become. */
static const size_t memory_at_most = 4 << 20;
static size_t spent;
static void *allocate(void *data, size_t size) {
  (void)data;
  if (spent + size > memory_at_most) return NULL;
  spent += size;
  return malloc(size);
}
static void release(void *data, void *memory) {
  (void)data;
  free(memory);
}
static ProtobufCAllocator bounded = {allocate, release, NULL};

static void fail(const char *words) {
  fprintf(stderr, "not kept: %s\n", words);
  abort();
}

static void check_checksum(const uint8_t *bytes, size_t count) {
  if (!tocsin_crc32c_is_native()) return;
  uint32_t crc = 0xffffffff;
  for (size_t index = 0; index < count; index++) {
    crc ^= bytes[index];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (0x82f63b78 & -(crc & 1));
  }
  size_t middle = count ? bytes[0] % (count + 1) : 0;
  if (tocsin_crc32c(0xffffffff, bytes, count) != crc) fail("the checksum is CRC-32C");
  if (tocsin_crc32c(tocsin_crc32c(0xffffffff, bytes, middle), bytes + middle, count - middle) != crc)
    fail("the checksum goes on where it stopped");
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t count) {
  check_checksum(input, count);
  if (count < 2) return 0;
  const ProtobufCMessageDescriptor *type = chosen((uint16_t)(input[0] << 8 | input[1]));
  spent = 0;
  ProtobufCMessage *message = protobuf_c_message_unpack(type, &bounded, count - 2, input + 2);
  if (!message) return 0;
  size_t size = protobuf_c_message_get_packed_size(message);
  uint8_t *packed = malloc(size ? size : 1);
  if (!packed) abort();
  if (protobuf_c_message_pack(message, packed) != size) fail("a message packs to the size that was said");
  protobuf_c_message_free_unpacked(message, &bounded);
  spent = 0;
  ProtobufCMessage *again = protobuf_c_message_unpack(type, &bounded, size, packed);
  if (again) protobuf_c_message_free_unpacked(again, &bounded);
  free(packed);
  return 0;
}
