import Messages
import Testing
import Wire

/// Bytes made by Python's protobuf (proto/examples/worked_example.py prints them; proto/README.md explains them): what Tocsin
/// reads and writes is what any other client does.
struct GoldenBytesTests {
  private let requestHeader = Self.bytes(
    """
    08 01 10 01 19 08 07 06 05 04 03 02 01 22 20 2f 74 6f 63 73 69 6e 2e 69 6e 74 61 6b 65 2e 76 31 2e 49 6e 74 61
    6b 65 2f 50 75 62 6c 69 73 68 28 90 4e 3a 10 01 a0 c4 50 6c 7b 70 00 80 00 00 00 00 00 00 01 85 01 c0 60 7e 04
    """)
  private let requestPayload = Self.bytes(
    """
    08 01 12 0a 70 72 6f 6d 65 74 68 65 75 73 1a 09 64 69 73 6b 2f 64 62 2d 31 20 02 2a 11 67 72 c3 b6 c3 9f 65 72
    20 61 6c 73 20 39 30 20 25 3a 0c 70 61 79 6d 65 6e 74 73 2d 61 70 69 42 0c 0a 04 68 6f 73 74 12 04 64 62 2d 31
    58 fb d8 c1 a2 8c 34
    """)
  private let endHeader = Self.bytes(
    "08 01 10 03 19 08 07 06 05 04 03 02 01 71 03 00 00 00 00 00 00 00 85 01 55 d0 5c ba")
  private let endPayload = Self.bytes("0a 05 32 66 2d 31 6b 10 01 18 01")

  private let key: [UInt8] = [0x01, 0xa0, 0xc4, 0x50, 0x6c, 0x7b, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1]
  private let event = Event(
    action: .trigger, source: "prometheus", dedupKey: "disk/db-1", severity: .sev2, summary: "größer als 90 %",
    service: "payments-api", labels: [Label(name: "host", value: "db-1")],
    occurredAt: Instant(milliseconds: 1_790_000_000_123))

  private static func bytes(_ hexadecimal: String) -> [UInt8] {
    hexadecimal.split(whereSeparator: \.isWhitespace).compactMap { UInt8($0, radix: 16) }
  }

  @Test func anEventIsTheBytesThatPythonWrites() throws {
    #expect(event.encoded() == requestPayload)
    #expect(try Event(decoding: requestPayload) == event)
    let reply = PublishReply(alertId: "2f-1k", disposition: .opened, count: 1)
    #expect(reply.encoded() == endPayload)
    #expect(try PublishReply(decoding: endPayload) == reply)
  }

  @Test func aHeaderIsTheBytesThatPythonWrites() throws {
    let request = Header(
      version: 1, kind: .request, callId: 0x0102_0304_0506_0708, method: IntakeMethods.publish.path, timeoutMs: 10_000,
      idempotencyKey: key, payloadCrc32c: CRC32C.checksum(requestPayload))
    #expect(request.encoded() == requestHeader)
    #expect(try Header(decoding: requestHeader) == request)
    let end = Header(
      version: 1, kind: .end, callId: 0x0102_0304_0506_0708, serverEpoch: 3, payloadCrc32c: CRC32C.checksum(endPayload))
    #expect(end.encoded() == endHeader)
  }

  @Test func theFastHeaderCodecMeansTheSame() throws {
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: RawHeader.maximumBytes, alignment: 16)
    defer { room.deallocate() }
    var writer = HeaderWriter(into: room)
    writer.begin(.request, callID: 0x0102_0304_0506_0708)
    writer.bytes(4, Array(IntakeMethods.publish.path.utf8))
    writer.varint(5, 10_000)
    writer.bytes(7, key)
    writer.fixed(16, CRC32C.checksum(requestPayload))
    #expect(Array(writer.bytes) == requestHeader)
    try requestHeader.withUnsafeBytes { frame in
      let header = try RawHeader(frame)
      #expect(header.version == 1 && Kind(rawValue: header.kind) == .request && header.timeoutMilliseconds == 10_000)
      #expect(header.callID == 0x0102_0304_0506_0708)
      #expect(Array(header.method) == Array(IntakeMethods.publish.path.utf8))
      #expect(Array(header.idempotencyKey) == key)
      #expect(header.payloadChecksum == CRC32C.checksum(requestPayload))
    }
  }

  /// Written by one header codec and read by the other, whatever the fields hold.
  @Test func bothHeaderCodecsAgreeOnAnyHeader() throws {
    let sampling = Sampling()
    for seed in 0..<500 {
      var dice = Dice(seed: UInt64(seed))
      let bytes = sampling.sample(Header.fullName, &dice)
      let header = try Header(decoding: bytes)
      try bytes.withUnsafeBytes { frame in
        guard frame.count <= RawHeader.maximumBytes else { return }
        let raw = try RawHeader(frame)
        #expect(raw.callID == header.callId && raw.kind == header.kind.rawValue && raw.attempt == header.attempt)
        #expect(raw.timeoutMilliseconds == header.timeoutMs && raw.pushbackMilliseconds == header.retryPushbackMs)
        #expect(Array(raw.method) == Array(header.method.utf8) && Array(raw.session) == header.session)
        #expect(Array(raw.statusMessage) == Array(header.statusMessage.utf8) && raw.status == header.status)
        #expect(raw.sequence == header.sequence && raw.acknowledgedThrough == header.acknowledgedThrough)
        #expect(raw.serverEpoch == header.serverEpoch && raw.payloadChecksum == header.payloadCrc32c)
        #expect(Array(raw.traceparent) == header.traceparent && raw.streamSequence == header.streamSequence)
      }
    }
  }
}
