/* A client of the public protocol that costs next to nothing itself. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "CChecksum.h"
#include "CFloors.h"
#include "tocsin/rpc/v1/rpc.pb-c.h"
#include "zmtp.h"

void floor_give_back_memory(void) { malloc_trim(0); }

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint32_t checksum(const uint8_t *bytes, int count) { return ~tocsin_crc32c(0xffffffff, bytes, (size_t)count); }

struct publisher {
  struct zmtp_connection connection;
  uint8_t session[16];
  uint64_t sequence, answered;
  uint64_t *began; /* by sequence, a ring */
  int waits_to_write;
};

struct load {
  int in_flight, event_bytes, number_at, events;
  uint8_t *event;
  uint64_t number;
};

static void publish(struct publisher *one, struct load *load) {
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
  zmtp_send(
    &one->connection, (struct zmtp_frame){buffer, size}, (struct zmtp_frame){load->event, (size_t)load->event_bytes});
}

/* 1 for an answer, 0 when there is none, -1 when it is a refusal, -2 when the connection says what no server says. */
static int take(struct publisher *one, struct load *load, uint64_t *latency) {
  struct zmtp_frame header, payload;
  int outcome = zmtp_next(&one->connection, &header, &payload);
  if (outcome <= 0) return 2 * outcome;
  Tocsin__Rpc__V1__Header *end = tocsin__rpc__v1__header__unpack(NULL, header.count, header.bytes);
  if (end == NULL) return -2;
  int is_good = end->status == 0 && end->kind == TOCSIN__RPC__V1__KIND__KIND_END;
  if (is_good) {
    *latency = now() - one->began[end->call_id % (uint64_t)load->in_flight];
    if (end->call_id > one->answered) one->answered = end->call_id;
  }
  tocsin__rpc__v1__header__free_unpacked(end, NULL);
  return is_good ? 1 : -1;
}

/* Writes what a turn made, and listens for room when the server's end is full. */
static int flush(struct publisher *one, struct load *load) {
  long left = zmtp_flush(&one->connection);
  if (left < 0) return -1;
  if ((left > 0) == one->waits_to_write) return 0;
  one->waits_to_write = left > 0;
  struct epoll_event event = {.events = EPOLLIN | (left > 0 ? EPOLLOUT : 0), .data.ptr = one};
  return epoll_ctl(load->events, EPOLL_CTL_MOD, one->connection.descriptor, &event);
}

static int open_publisher(struct publisher *one, struct load *load, const char *endpoint) {
  if (zmtp_open(&one->connection, endpoint) != 0) return -1;
  one->began = calloc((size_t)load->in_flight, sizeof(uint64_t));
  for (size_t index = 0; index < sizeof one->session; index++) one->session[index] = (uint8_t)(random() >> 7);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
  return epoll_ctl(load->events, EPOLL_CTL_ADD, one->connection.descriptor, &event);
}

static void close_publisher(struct publisher *one) {
  zmtp_close(&one->connection);
  free(one->began);
}

/* Everything that is answered begins the next publish, until enough are sent. */
static int go_on(struct publisher *one, struct load *load, int *to_send, int publishes, int *done, uint64_t *latencies) {
  if (zmtp_fill(&one->connection) != 0) return -1;
  int outcome;
  while (*done < publishes && (outcome = take(one, load, &latencies[*done])) != 0) {
    if (outcome < 0) return -1;
    ++*done;
    if (*to_send > 0) {
      publish(one, load);
      --*to_send;
    }
  }
  return flush(one, load);
}

uint64_t load_publishes(
  const char *endpoint, int connections, int in_flight, int publishes, uint8_t *event, int event_bytes, int number_at,
  uint64_t first, uint64_t *latencies
) {
  struct load load = {in_flight, event_bytes, number_at, epoll_create1(EPOLL_CLOEXEC), event, first};
  struct publisher *all = calloc((size_t)connections, sizeof *all);
  int to_send = publishes, done = 0;
  srandom((unsigned)now());
  for (int index = 0; index < connections; index++)
    if (open_publisher(&all[index], &load, endpoint) != 0) return 0;
  uint64_t start = now();
  for (int index = 0; index < connections; index++) {
    for (int call = 0; call < in_flight && to_send > 0; call++, to_send--) publish(&all[index], &load);
    if (flush(&all[index], &load) != 0) return 0;
  }
  while (done < publishes) {
    struct epoll_event ready[256];
    int count = epoll_wait(load.events, ready, 256, 10000);
    if (count <= 0) return 0;
    for (int index = 0; index < count; index++)
      if (go_on(ready[index].data.ptr, &load, &to_send, publishes, &done, latencies) != 0) return 0;
  }
  uint64_t took = now() - start;
  for (int index = 0; index < connections; index++) close_publisher(&all[index]);
  close(load.events);
  free(all);
  return took;
}

/* One source that sends by the clock, whatever comes back, and tries nothing again. */
int load_flood(
  const char *endpoint, int rate, int seconds, uint8_t *event, int event_bytes, int number_at, uint64_t *taken,
  uint64_t *refused, uint64_t *took
) {
  enum { unanswered_at_most = 1 << 17 };
  struct load load = {unanswered_at_most, event_bytes, number_at, epoll_create1(EPOLL_CLOEXEC), event, 0};
  struct publisher one = {0};
  srandom((unsigned)now());
  if (open_publisher(&one, &load, endpoint) != 0) return -1;
  uint64_t start = now(), end = start + (uint64_t)seconds * 1000000000u, latency;
  *taken = *refused = 0;
  while (now() < end + 10000000000u) {
    uint64_t due = (now() < end ? now() - start : end - start) * (uint64_t)rate / 1000000000u;
    while (load.number < due && load.number - *taken - *refused < unanswered_at_most) publish(&one, &load);
    if (flush(&one, &load) != 0) return -1;
    if (now() >= end && *taken + *refused == load.number) break;
    struct epoll_event ready;
    if (epoll_wait(load.events, &ready, 1, 1) < 0 || zmtp_fill(&one.connection) != 0) return -1;
    for (int outcome; (outcome = take(&one, &load, &latency)) != 0;) {
      if (outcome < -1) return -1;
      if (outcome > 0) ++*taken; else ++*refused;
    }
  }
  *took = now() - start;
  close_publisher(&one);
  close(load.events);
  return *taken + *refused == load.number ? 0 : -1;
}
