extension Unicode.Scalar {
  /// Readers don't see it, and it changes what they see or a terminal does: controls; marks, embeddings, overrides and isolates of
  /// direction; zero-width (but for the joiners, which letters and emoji need) and interlinear characters; tags.
  public var isHidden: Bool {
    switch value {
    case 0...0x1f, 0x7f...0x9f, 0xad, 0x61c, 0x180e, 0x200b, 0x200e, 0x200f, 0x202a...0x202e, 0x2060...0x206f, 0xfeff,
      0xfff9...0xfffb, 0xe0000...0xe007f:
      true
    default: false
    }
  }

  /// A reader or a terminal begins a new line behind it.
  public var endsLine: Bool {
    switch value {
    case 0x0a, 0x0d, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }
}
