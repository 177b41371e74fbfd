import CivilTime
import Messages
import Testing

@testable import Tiers

/// What a sealed value promises.
@Suite struct ContactKeyTests {
  private let key = ContactKey(Array(0..<32))
  private let plain = Array("+49 151 2345678".utf8)

  @Test func itOpensWhereItWasSealed() {
    #expect(key.open(key.seal(plain, of: "ana"), of: "ana") == plain)
    #expect(key.open(key.seal([], of: "ana"), of: "ana") == [])
  }

  @Test func anyOtherBitIsRefused() {
    let sealed = key.seal(plain, of: "ana")
    for bit in 0..<(sealed.count * 8) {
      var flipped = sealed
      flipped[bit / 8] ^= 1 << (bit % 8)
      let isOpened = ContactKey.id(of: flipped) == key.id && key.open(flipped, of: "ana") != nil
      #expect(!isOpened, "bit \(bit)")
    }
    for count in 0..<sealed.count {
      let cut = Array(sealed.prefix(count))
      #expect(ContactKey.id(of: cut) == nil || key.open(cut, of: "ana") == nil, "\(count) bytes")
    }
  }

  @Test func anotherPersonsPlaceIsRefused() {
    #expect(key.open(key.seal(plain, of: "ana"), of: "ben") == nil)
  }

  @Test func anotherKeyIsRefused() {
    let other = ContactKey(Array(1..<33))
    #expect(other.id != key.id)
    #expect(other.open(key.seal(plain, of: "ana"), of: "ana") == nil)
  }

  /// A checkpoint of an unchanged state has the same bytes; a change of one letter changes the nonce.
  @Test func theSameLooksTheSameAndTheRestDoesNot() {
    let sealed = key.seal(plain, of: "ana")
    #expect(sealed == key.seal(plain, of: "ana"))
    func nonce(_ sealed: [UInt8]) -> [UInt8] { Array(sealed[9..<21]) }
    #expect(nonce(key.seal(Array("+49 151 2345679".utf8), of: "ana")) != nonce(sealed))
    #expect(nonce(key.seal(plain, of: "ben")) != nonce(sealed))
  }

  @Test func whatIsSealedSaysNothing() {
    let sealed = key.seal(plain, of: "ana")
    #expect(!sealed.contains(subsequence: plain) && !sealed.contains(subsequence: key.bytes))
  }

  /// A row whose sealed value was changed stops the start and names the person.
  @Test func aChangedContactIsRefusedWithoutWordsFromIt() throws {
    let keys = ContactKeys(ContactKeyRing(), place: "here", draw: { Array(0..<32) }, write: { _ in })
    let tier = Tier.notifier(zones: TimeZones(), contactKeys: keys)
    let contact = Contact(person: "ana", methods: [.init(channel: "sms", address: "+49 151 2345678")])
    var body = tier.codec.encode(.init(at: .unset, facts: [.init(kind: .configured(.init(contacts: [contact])))]))
    body[body.count - 1] ^= 1
    #expect {
      _ = try tier.codec.decode(body)
    } throws: { "\($0)" == "the sealed contact of ana is not what was written" }
  }
}

extension Array where Element: Equatable {
  fileprivate func contains(subsequence: [Element]) -> Bool {
    indices.contains { self[$0...].starts(with: subsequence) }
  }
}
