/// One figure that a tier shows to monitoring, with its values by label.
public struct Figure: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable {
    case counter, gauge, histogram
  }
  public struct Sample: Hashable, Sendable {
    /// Behind the figure's name: "_bucket" and the like of a histogram; empty otherwise.
    public var suffix: String
    public var labels: [Label]
    public var value: Double

    public init(_ value: Double, suffix: String = "", _ labels: [Label] = []) {
      self.value = value
      self.suffix = suffix
      self.labels = labels
    }
  }
  public struct Label: Hashable, Sendable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// With its unit, in the manner of Prometheus: `tocsin_oldest_debt_seconds`.
  public var name: String
  public var kind: Kind
  /// What it says, for whoever reads `/metrics`.
  public var help: String
  public var samples: [Sample]

  public init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
    self.name = name
    self.kind = kind
    self.help = help
    self.samples = samples
  }

  /// A figure of one value.
  public init(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
    self.init(name, kind, help, [Sample(value)])
  }

  /// How long something took, by the value of one label.
  public init(_ name: String, _ help: String, by label: String, _ histograms: [String: Histogram]) {
    self.init(
      name, .histogram, help,
      histograms.sorted { $0.key < $1.key }.flatMap { $0.value.samples([Label(label, $0.key)]) })
  }

  public init(_ name: String, _ help: String, _ histogram: Histogram) {
    self.init(name, .histogram, help, histogram.samples([]))
  }
}
