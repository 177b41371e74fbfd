import Messages
import Wire

/// Frames and payloads: everything that comes by a socket.
extension FuzzEntry {
  /// Two readers of a header: whatever the careful one takes the quick one takes too, and both understand the same.
  static let header = FuzzEntry(
    "header", bytesAtMost: 512, isTaken: { (try? Header(decoding: $0)) != nil },
    seeds: { Samples.messages.filter { $0.type == Header.fullName }.map(\.bytes) },
    .atOnce { bytes in
      let careful = try? Header(decoding: bytes)
      bytes.withUnsafeBytes { frame in
        guard let quick = try? RawHeader(frame) else {
          return promise(careful == nil, "what the careful reader takes the quick one takes: \(bytes)")
        }
        if let careful { promise(isSame(quick, careful), "both readers understand the same: \(bytes)") }
        writeAgain(quick, bytes)
      }
    })

  private static func isSame(_ quick: RawHeader, _ careful: Header) -> Bool {
    quick.version == careful.version && quick.kind == careful.kind.rawValue && quick.callID == careful.callId
      && Array(quick.method) == Array(careful.method.utf8) && quick.timeoutMilliseconds == careful.timeoutMs
      && quick.attempt == careful.attempt && Array(quick.idempotencyKey) == careful.idempotencyKey
      && quick.streamSequence == careful.streamSequence && quick.credit == careful.credit
      && quick.status == careful.status && Array(quick.statusMessage) == Array(careful.statusMessage.utf8)
      && Array(quick.statusDetails) == careful.statusDetails
      && quick.pushbackMilliseconds == careful.retryPushbackMs && quick.serverEpoch == careful.serverEpoch
      && Array(quick.traceparent) == careful.traceparent && Array(quick.session) == careful.session
      && quick.payloadChecksum == careful.payloadCrc32c
  }

  private static func writeAgain(_ header: RawHeader, _ bytes: [UInt8]) {
    guard let kind = Kind(rawValue: header.kind) else { return }
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: RawHeader.maximumBytes, alignment: 16)
    defer { room.deallocate() }
    var writer = HeaderWriter(into: room)
    writer.begin(kind, callID: header.callID)
    writer.bytes(4, header.method)
    writer.varint(5, UInt64(header.timeoutMilliseconds))
    writer.bytes(11, header.statusMessage)
    writer.zigzag(13, header.pushbackMilliseconds)
    writer.fixed(16, header.payloadChecksum)
    writer.bytes(17, header.session)
    let again = try? RawHeader(writer.bytes)
    promise(
      again.map { read in
        read.callID == header.callID && read.timeoutMilliseconds == header.timeoutMilliseconds
          && read.pushbackMilliseconds == header.pushbackMilliseconds && read.method.elementsEqual(header.method)
          && read.statusMessage.elementsEqual(header.statusMessage) && read.session.elementsEqual(header.session)
          && read.payloadChecksum == header.payloadChecksum
      } == true, "a header that is written again says the same: \(bytes)")
  }

  /// One for each package of the protocol. The first two bytes say which of its types the others are.
  static let payloads: [FuzzEntry] = MessageChoice.packages.map { package in
    let choice = MessageChoice(of: package)
    return FuzzEntry(
      "payload-\(package)",
      seeds: { Samples.messages.filter { choice.has($0.type) }.map { choice.selector(of: $0.type) + $0.bytes } },
      .atOnce { bytes in
        guard let (type, payload) = choice.split(bytes) else { return }
        taken(payload, as: type)
      })
  }

  /// Any type: in C this one is `Tests/fuzz/unpack`, protobuf-c without the lint, and here what it kept is told to both.
  static let unpack = FuzzEntry(
    "unpack",
    seeds: { Samples.messages.map { MessageChoice.any.selector(of: $0.type) + $0.bytes } },
    .atOnce { bytes in
      guard let (type, payload) = MessageChoice.any.split(bytes) else { return }
      taken(payload, as: type)
    })

  /// One type by itself, without the two bytes before it.
  public static func payload(of name: String) -> FuzzEntry? {
    guard let type = Schema.types[name] else { return nil }
    return FuzzEntry(
      name, seeds: { Samples.messages.filter { $0.type == name }.map(\.bytes) }, .atOnce { taken($0, as: type) })
  }

  /// What the lint takes protobuf-c unpacks, and it stays the same by every way: encoded again, and as JSON.
  private static func taken(_ payload: [UInt8], as type: any WireMessage.Type) {
    var lint = Lint.strangers
    // Looser than where strangers come in, so that more is unpacked here. How much memory that takes isn't measured.
    lint.amplification = 1_024
    let message: any WireMessage
    do throws(WireError) {
      message = try type.init(decoding: payload, lint: lint)
    } catch {
      return promise(
        !error.rule.contains("can't be unpacked"), "protobuf-c unpacks what the lint takes: \(type.fullName) \(payload)"
      )
    }
    let bytes = message.encoded()
    promise(
      (try? type.init(decoding: bytes, lint: lint).encoded()) == bytes,
      "\(type.fullName) is the same when it is encoded again: \(payload)")
    let text = try? MessageJSON.decode(fullName: type.fullName, bytes: bytes)
    let again = text.flatMap { try? MessageJSON.encode(fullName: type.fullName, json: $0) }
    // Of numbers that are none JSON has one.
    let hasOddNumber = text?.contains("\"NaN\"") == true
    promise(
      again.flatMap { try? type.init(decoding: $0, lint: lint).encoded() } == bytes
        || hasOddNumber && again.flatMap { try? MessageJSON.decode(fullName: type.fullName, bytes: $0) } == text,
      "\(type.fullName) is the same when it has been JSON: \(payload) \(text ?? "which it can't become")")
  }

  /// Limits of every size: what a strict lint takes a loose one takes, which allows as much memory a byte, and nothing longer than it
  /// says is taken. That depth, fields and strings are within its limits is what `HostileBytesTests` show, by cases.
  static let lint = FuzzEntry(
    "lint",
    seeds: { Samples.messages.map { MessageChoice.any.selector(of: $0.type) + [255, 255, 255, 255, 255] + $0.bytes } },
    .atOnce { bytes in
      guard bytes.count > 7, let (type, payload) = MessageChoice.any.split([bytes[0], bytes[1]] + bytes[7...]) else {
        return
      }
      let strict = Lint(
        bytes: 16 * Int(bytes[2]), depth: Int(bytes[3] & 15), fields: 4 * Int(bytes[4]), unknown: Int(bytes[5] & 63),
        stringBytes: 16 * Int(bytes[6]), takesControls: bytes[3] & 128 != 0)
      guard let message = try? type.init(decoding: payload, lint: strict) else { return }
      promise(payload.count <= strict.bytes, "nothing longer is taken: \(type.fullName) \(bytes)")
      var loose = Lint.outside
      loose.takesControls = true
      promise(
        (try? type.init(decoding: payload, lint: loose).encoded()) == message.encoded(),
        "a loose lint takes what a strict one does: \(type.fullName) \(bytes)")
    })

  /// How much memory unpacking may take, from none beside the 64 KiB on: exactly what needs no more is taken, what needs more is refused
  /// in words wherever it runs out, and the next message is none the worse. How much it needs is counted by another allocator.
  static let memory = FuzzEntry(
    "memory", bytesAtMost: 16_384,
    seeds: {
      Samples.messages.flatMap { sample in
        [0, 2, 16].map { MessageChoice.any.selector(of: sample.type) + [$0] + sample.bytes }
      } + [emptySnapshots(2_000), emptySnapshots(7_000)]
    },
    .atOnce { bytes in
      guard bytes.count > 3, let (type, payload) = MessageChoice.any.split([bytes[0], bytes[1]] + bytes[3...]) else {
        return
      }
      var lint = Lint.trusted
      lint.unknown = 64
      lint.amplification = 1_024
      guard let whole = try? type.init(decoding: payload, lint: lint),
        let asked = UnpackingMemory.asked(for: payload, as: type)
      else { return }
      lint.amplification = Int(bytes[2])
      let limit = lint.amplification * payload.count + 65_536
      do throws(WireError) {
        let message = try type.init(decoding: payload, lint: lint)
        promise(
          asked <= limit, "nothing that needs more memory is taken: \(asked) of \(limit), \(type.fullName) \(bytes)")
        promise(message.encoded() == whole.encoded(), "less memory makes no other message: \(type.fullName) \(bytes)")
      } catch {
        promise(
          asked > limit && error.rule == "\(type.fullName) can't be unpacked within \(limit) bytes of memory",
          "what needs no more memory is taken: \(asked) of \(limit), \(error), \(type.fullName) \(bytes)")
      }
      lint.amplification = 1_024
      promise(
        (try? type.init(decoding: payload, lint: lint).encoded()) == whole.encoded(),
        "a refusal leaves nothing behind: \(type.fullName) \(bytes)")
    })

  /// A list of empty messages: two bytes each, and some hundred when unpacked.
  private static func emptySnapshots(_ count: Int) -> [UInt8] {
    let type = "tocsin.intake.v1.ListAlertsReply"
    return MessageChoice.any.selector(of: type) + [0] + (0..<count).flatMap { _ in [10, 0] as [UInt8] }
  }

  /// What another server says of itself, before anything of it is used.
  static let schema = FuzzEntry(
    "schema", bytesAtMost: 2_048, isTaken: { (try? ReflectedSchema($0))?.methods.isEmpty == false },
    seeds: { [oneService] },
    .atOnce { bytes in
      guard let schema = try? ReflectedSchema(bytes) else { return }
      for method in schema.methods.prefix(4) {
        _ = try? schema.decode(fullName: method.input, bytes: bytes)
        for json in [#"{"a": [1, {}], "b": "x"}"#, #"{"a": [{"name": "x"}], "b": "y", "d": 1.5}"#] {
          guard let encoded = try? schema.encode(fullName: method.input, json: json) else { continue }
          _ = try? schema.decode(fullName: method.input, bytes: encoded)
        }
      }
    })

  /// A FileDescriptorSet as protoc makes it: message N { string name = 1; } message M { repeated N a = 1; string b = 2; bytes c = 3;
  /// double d = 4; } service S { rpc Do(M) returns (N); }
  private static let oneService: [UInt8] = [
    10, 135, 1, 10, 7, 97, 46, 112, 114, 111, 116, 111, 18, 1, 112, 34, 23, 10, 1, 78, 18, 18, 10, 4,
    110, 97, 109, 101, 24, 1, 32, 1, 40, 9, 82, 4, 110, 97, 109, 101, 34, 65, 10, 1, 77, 18, 18, 10,
    1, 97, 24, 1, 32, 3, 40, 11, 50, 4, 46, 112, 46, 78, 82, 1, 97, 18, 12, 10, 1, 98, 24, 2,
    32, 1, 40, 9, 82, 1, 98, 18, 12, 10, 1, 99, 24, 3, 32, 1, 40, 12, 82, 1, 99, 18, 12, 10,
    1, 100, 24, 4, 32, 1, 40, 1, 82, 1, 100, 50, 21, 10, 1, 83, 18, 16, 10, 2, 68, 111, 18, 4,
    46, 112, 46, 77, 26, 4, 46, 112, 46, 78, 98, 6, 112, 114, 111, 116, 111, 51,
  ]

  /// A text that becomes a message says the same when it is read back.
  static let json = FuzzEntry(
    "json", bytesAtMost: 2_048,
    seeds: {
      Samples.messages.compactMap { name, bytes in
        (try? MessageJSON.decode(fullName: name, bytes: bytes)).map {
          MessageChoice.any.selector(of: name) + Array($0.utf8)
        }
      }
    },
    .atOnce { bytes in
      guard let (type, text) = MessageChoice.any.split(bytes) else { return }
      let json = String(decoding: text, as: UTF8.self)
      guard let encoded = try? MessageJSON.encode(fullName: type.fullName, json: json) else { return }
      let shown = try? MessageJSON.decode(fullName: type.fullName, bytes: encoded)
      let again = shown.flatMap { try? MessageJSON.encode(fullName: type.fullName, json: $0) }
      promise(
        again.flatMap { try? MessageJSON.decode(fullName: type.fullName, bytes: $0) } == shown && shown != nil,
        "JSON of \(type.fullName) says the same when it is read back: \(json)")
    })
}
