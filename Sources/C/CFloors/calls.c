/* The floor of calls: what the same two frames cost with libzmq and protobuf-c alone. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "CFloors.h"
#include "tocsin/rpc/v1/rpc.pb-c.h"

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void *open_socket(int type) {
  void *socket = zmq_socket(zmq_ctx_new(), type);
  int water = 100000, linger = 0;
  zmq_setsockopt(socket, ZMQ_SNDHWM, &water, sizeof water);
  zmq_setsockopt(socket, ZMQ_RCVHWM, &water, sizeof water);
  zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
  return socket;
}

static int pack(Tocsin__Rpc__V1__Header *header, uint8_t *buffer) {
  return (int)tocsin__rpc__v1__header__pack(header, buffer);
}

int floor_serve_calls(const char *endpoint) {
  void *socket = open_socket(ZMQ_ROUTER);
  if (zmq_bind(socket, endpoint) != 0) return errno;
  zmq_msg_t id, header, payload;
  uint8_t buffer[512];
  for (;;) {
    zmq_msg_init(&id);
    if (zmq_msg_recv(&id, socket, ZMQ_DONTWAIT) < 0) {
      zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
      zmq_poll(&item, 1, -1);
      continue;
    }
    zmq_msg_init(&header);
    zmq_msg_init(&payload);
    if (zmq_msg_recv(&header, socket, 0) < 0 || zmq_msg_recv(&payload, socket, 0) < 0) return errno;
    Tocsin__Rpc__V1__Header *request =
      tocsin__rpc__v1__header__unpack(NULL, zmq_msg_size(&header), zmq_msg_data(&header));
    if (request == NULL) return EBADMSG;
    Tocsin__Rpc__V1__Header answer = TOCSIN__RPC__V1__HEADER__INIT;
    answer.version = 1;
    answer.kind = TOCSIN__RPC__V1__KIND__KIND_END;
    answer.call_id = request->call_id;
    answer.server_epoch = 1;
    tocsin__rpc__v1__header__free_unpacked(request, NULL);
    int size = pack(&answer, buffer);
    zmq_msg_send(&id, socket, ZMQ_SNDMORE);
    zmq_send(socket, buffer, (size_t)size, ZMQ_SNDMORE);
    zmq_msg_send(&payload, socket, 0);
    zmq_msg_close(&header);
  }
}

static int ask(void *socket, uint64_t call, const uint8_t *payload, int bytes) {
  static uint8_t session[16] = {1};
  uint8_t buffer[512];
  Tocsin__Rpc__V1__Header header = TOCSIN__RPC__V1__HEADER__INIT;
  header.version = 1;
  header.kind = TOCSIN__RPC__V1__KIND__KIND_REQUEST;
  header.call_id = call + 1;
  header.method = "/tocsin.bench.v1.Echo/Say";
  header.timeout_ms = 30000;
  header.session.data = session;
  header.session.len = sizeof session;
  header.sequence = call + 1;
  header.acknowledged_through = call;
  int size = pack(&header, buffer);
  if (zmq_send(socket, buffer, (size_t)size, ZMQ_SNDMORE) < 0) return -1;
  return zmq_send(socket, payload, (size_t)bytes, 0);
}

uint64_t floor_make_calls(const char *endpoint, int in_flight, int calls, int payload_bytes, uint64_t *latencies) {
  void *socket = open_socket(ZMQ_DEALER);
  if (zmq_connect(socket, endpoint) != 0) return 0;
  uint8_t *payload = calloc(1, (size_t)payload_bytes);
  uint64_t *began = calloc((size_t)calls, sizeof *began);
  int sent = 0, done = 0;
  uint64_t start = now();
  while (sent < in_flight && sent < calls) {
    began[sent] = now();
    if (ask(socket, (uint64_t)sent, payload, payload_bytes) < 0) return 0;
    sent++;
  }
  while (done < calls) {
    zmq_msg_t header, answer;
    zmq_msg_init(&header);
    if (zmq_msg_recv(&header, socket, ZMQ_DONTWAIT) < 0) {
      zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
      if (zmq_poll(&item, 1, 10000) <= 0) return 0;
      continue;
    }
    zmq_msg_init(&answer);
    zmq_msg_recv(&answer, socket, 0);
    Tocsin__Rpc__V1__Header *end =
      tocsin__rpc__v1__header__unpack(NULL, zmq_msg_size(&header), zmq_msg_data(&header));
    if (end == NULL || end->call_id == 0 || end->call_id > (uint64_t)calls) return 0;
    uint64_t instant = now();
    latencies[done++] = instant - began[end->call_id - 1];
    tocsin__rpc__v1__header__free_unpacked(end, NULL);
    zmq_msg_close(&header);
    zmq_msg_close(&answer);
    if (sent < calls) {
      began[sent] = instant;
      if (ask(socket, (uint64_t)sent, payload, payload_bytes) < 0) return 0;
      sent++;
    }
  }
  uint64_t took = now() - start;
  zmq_close(socket);
  free(payload);
  free(began);
  return took;
}
