extension Field {
  func whole(_ range: ClosedRange<UInt32>) -> UInt32? {
    guard let text = node.scalar?.string, let number = UInt32(text), range.contains(number) else {
      complain(expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return number
  }
}
