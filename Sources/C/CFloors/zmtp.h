/* ZMTP 3.0 with the NULL mechanism over a plain socket, as a DEALER speaks it: what libzmq puts on the wire, without libzmq's thread
   and signals for each socket, which cost a client of many connections more than the server that it is to measure. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct zmtp_bytes {
  uint8_t *start;
  size_t from, until, room;
};

struct zmtp_connection {
  int descriptor;
  struct zmtp_bytes in, out;
};

struct zmtp_frame {
  const uint8_t *bytes;
  size_t count;
};

/* Connects to tcp://127.0.0.1:PORT and shakes hands; from then on the socket blocks nobody. 0, or -1. */
int zmtp_open(struct zmtp_connection *one, const char *endpoint);
void zmtp_close(struct zmtp_connection *one);

/* A message of two frames, kept until the flush. */
void zmtp_send(struct zmtp_connection *one, struct zmtp_frame first, struct zmtp_frame second);

/* Writes what the peer takes. What is left: 0 when all is written; -1 when the connection is lost. */
long zmtp_flush(struct zmtp_connection *one);

/* Reads what has come. Heartbeats are answered by the next flush. 0, or -1 when the connection is lost. */
int zmtp_fill(struct zmtp_connection *one);

/* The next message of two frames that was read, valid until more is read: 1; 0 when there is none yet, -1 for anything else. */
int zmtp_next(struct zmtp_connection *one, struct zmtp_frame *first, struct zmtp_frame *second);
