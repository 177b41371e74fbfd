import Machinery
import Testing

/// Tables for millions behave like the plain ones.
struct NumberedPagesTests {
  @Test func pagesAreADictionaryInTheOrderOfItsKeys() {
    var dice = Dice(state: 7)
    var pages = NumberedPages<String>()
    var plain: [UInt64: String] = [:]
    for step in 0..<20_000 {
      let number = UInt64.random(in: 0..<1_000, using: &dice)
      switch UInt8.random(in: 0..<4, using: &dice) {
      case 0:
        pages[number] = nil
        plain[number] = nil
      case 1:
        let wasThere = pages.update(number) { $0 += "." }
        #expect(wasThere == (plain[number] != nil))
        if wasThere { plain[number]! += "." }
      default:
        pages[number] = String(step)
        plain[number] = String(step)
      }
      #expect(pages[number] == plain[number])
    }
    pages.updateAll { number, value in value += " \(number)" }
    for number in plain.keys { plain[number]! += " \(number)" }
    #expect(pages.count == plain.count)
    for after in [nil, 0, 63, 64, 500, 998, 2_000] as [UInt64?] {
      var seen: [UInt64] = []
      pages.forEach(after: after) { number, value in
        seen.append(number)
        return value == plain[number]
      }
      #expect(seen == plain.keys.filter { after == nil || $0 > after! }.sorted())
    }
  }

  @Test func lookingStopsWhenNoMoreIsWanted() {
    var pages = NumberedPages<Int>()
    for number in 0..<200 { pages[UInt64(number)] = number }
    var seen = 0
    pages.forEach { _, _ in
      seen += 1
      return seen < 3
    }
    #expect(seen == 3)
  }

  @Test func aSplitDictionaryIsADictionary() {
    var dice = Dice(state: 11)
    var split = SplitDictionary<String, Int>()
    var plain: [String: Int] = [:]
    for step in 0..<60_000 {
      let key = String(UInt64.random(in: 0..<12_000, using: &dice))
      switch UInt8.random(in: 0..<3, using: &dice) {
      case 0: #expect(split.removeValue(forKey: key) == plain.removeValue(forKey: key))
      default: #expect(split.updateValue(step, forKey: key) == plain.updateValue(step, forKey: key))
      }
    }
    split.updateAll { _, value in value *= 2 }
    #expect(split.count == plain.count)
    var all: [String: Int] = [:]
    split.forEach { all[$0] = $1 }
    #expect(all == plain.mapValues { $0 * 2 })
  }
}
