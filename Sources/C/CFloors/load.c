/* A client of the public protocol that costs next to nothing itself. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "CFloors.h"
#include "tocsin/rpc/v1/rpc.pb-c.h"

void floor_give_back_memory(void) { malloc_trim(0); }

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint32_t table[256];

static uint32_t checksum(const uint8_t *bytes, int count) {
  uint32_t crc = 0xffffffff;
  if (table[1] == 0)
    for (uint32_t byte = 0; byte < 256; byte++) {
      uint32_t value = byte;
      for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ 0x82f63b78 : value >> 1;
      table[byte] = value;
    }
  for (int index = 0; index < count; index++) crc = table[(crc ^ bytes[index]) & 0xff] ^ crc >> 8;
  return ~crc;
}

struct publisher {
  void *socket;
  uint8_t session[16];
  uint64_t sequence, answered;
  uint64_t *began; /* by sequence, a ring */
};

struct load {
  int in_flight, event_bytes, number_at;
  uint8_t *event;
  uint64_t number;
};

static int publish(struct publisher *one, struct load *load) {
  uint64_t number = load->number++;
  for (int digit = 11; digit >= 0; digit--, number /= 10)
    load->event[load->number_at + digit] = (uint8_t)('0' + number % 10);
  uint8_t buffer[512];
  Tocsin__Rpc__V1__Header header = TOCSIN__RPC__V1__HEADER__INIT;
  header.version = 1;
  header.kind = TOCSIN__RPC__V1__KIND__KIND_REQUEST;
  header.call_id = ++one->sequence;
  header.method = "/tocsin.intake.v1.Intake/Publish";
  header.timeout_ms = 30000;
  header.session.data = one->session;
  header.session.len = sizeof one->session;
  header.sequence = one->sequence;
  header.acknowledged_through = one->answered;
  header.payload_crc32c = checksum(load->event, load->event_bytes);
  size_t size = tocsin__rpc__v1__header__pack(&header, buffer);
  one->began[one->sequence % (uint64_t)load->in_flight] = now();
  if (zmq_send(one->socket, buffer, size, ZMQ_SNDMORE) < 0) return -1;
  return zmq_send(one->socket, load->event, (size_t)load->event_bytes, 0);
}

/* 1 for an answer, 0 when there is none, -1 when it is a refusal. */
static int take(struct publisher *one, struct load *load, uint64_t *latency) {
  zmq_msg_t frame;
  zmq_msg_init(&frame);
  if (zmq_msg_recv(&frame, one->socket, ZMQ_DONTWAIT) < 0) return 0;
  Tocsin__Rpc__V1__Header *end = tocsin__rpc__v1__header__unpack(NULL, zmq_msg_size(&frame), zmq_msg_data(&frame));
  int is_good = end != NULL && end->status == 0 && end->kind == TOCSIN__RPC__V1__KIND__KIND_END;
  if (is_good) {
    *latency = now() - one->began[end->call_id % (uint64_t)load->in_flight];
    if (end->call_id > one->answered) one->answered = end->call_id;
  }
  if (end != NULL) tocsin__rpc__v1__header__free_unpacked(end, NULL);
  zmq_msg_recv(&frame, one->socket, 0);
  zmq_msg_close(&frame);
  return is_good ? 1 : -1;
}

static void open_publisher(struct publisher *one, void *context, const char *endpoint, int in_flight) {
  int linger = 0;
  one->socket = zmq_socket(context, ZMQ_DEALER);
  zmq_setsockopt(one->socket, ZMQ_LINGER, &linger, sizeof linger);
  zmq_connect(one->socket, endpoint);
  one->began = calloc((size_t)in_flight, sizeof(uint64_t));
  for (size_t index = 0; index < sizeof one->session; index++) one->session[index] = (uint8_t)(random() >> 7);
}

uint64_t load_publishes(
  const char *endpoint, int connections, int in_flight, int publishes, uint8_t *event, int event_bytes, int number_at,
  uint64_t first, uint64_t *latencies
) {
  struct load load = {in_flight, event_bytes, number_at, event, first};
  struct publisher *all = calloc((size_t)connections, sizeof *all);
  zmq_pollitem_t *items = calloc((size_t)connections, sizeof *items);
  void *context = zmq_ctx_new();
  int sent = 0, done = 0;
  srandom((unsigned)now());
  for (int index = 0; index < connections; index++) {
    open_publisher(&all[index], context, endpoint, in_flight);
    items[index] = (zmq_pollitem_t){all[index].socket, 0, ZMQ_POLLIN, 0};
  }
  uint64_t start = now();
  for (int index = 0; index < connections; index++)
    for (int call = 0; call < in_flight && sent < publishes; call++, sent++)
      if (publish(&all[index], &load) < 0) return 0;
  while (done < publishes) {
    if (zmq_poll(items, connections, 10000) <= 0) return 0;
    for (int index = 0; index < connections; index++) {
      if (!(items[index].revents & ZMQ_POLLIN)) continue;
      int outcome;
      while (done < publishes && (outcome = take(&all[index], &load, &latencies[done])) != 0) {
        if (outcome < 0) return 0;
        done++;
        if (sent < publishes) {
          if (publish(&all[index], &load) < 0) return 0;
          sent++;
        }
      }
    }
  }
  uint64_t took = now() - start;
  for (int index = 0; index < connections; index++) {
    zmq_close(all[index].socket);
    free(all[index].began);
  }
  zmq_ctx_term(context);
  free(all);
  free(items);
  return took;
}

/* One source that sends by the clock, whatever comes back, and tries nothing again. */
int load_flood(
  const char *endpoint, int rate, int seconds, uint8_t *event, int event_bytes, int number_at, uint64_t *taken,
  uint64_t *refused, uint64_t *took
) {
  enum { unanswered_at_most = 1 << 17 };
  struct load load = {unanswered_at_most, event_bytes, number_at, event, 0};
  struct publisher one = {0};
  void *context = zmq_ctx_new();
  srandom((unsigned)now());
  open_publisher(&one, context, endpoint, unanswered_at_most);
  zmq_pollitem_t item = {one.socket, 0, ZMQ_POLLIN, 0};
  uint64_t start = now(), end = start + (uint64_t)seconds * 1000000000u, latency;
  *taken = *refused = 0;
  while (now() < end + 10000000000u) {
    uint64_t due = (now() < end ? now() - start : end - start) * (uint64_t)rate / 1000000000u;
    while (load.number < due && load.number - *taken - *refused < unanswered_at_most)
      if (publish(&one, &load) < 0) return -1;
    if (now() >= end && *taken + *refused == load.number) break;
    if (zmq_poll(&item, 1, 1) < 0) return -1;
    for (int outcome; (outcome = take(&one, &load, &latency)) != 0;)
      if (outcome > 0) ++*taken; else ++*refused;
  }
  *took = now() - start;
  zmq_close(one.socket);
  zmq_ctx_term(context);
  free(one.began);
  return *taken + *refused == load.number ? 0 : -1;
}
