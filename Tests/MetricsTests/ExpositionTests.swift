import Metrics
import Testing

/// What Prometheus reads.
@Suite struct ExpositionTests {
  @Test func aHistogramCountsUpwardsAndEndsWithAll() {
    var took = Histogram([0.1, 1])
    for seconds in [0.05, 0.1, 0.5, 30, -2] { took.add(seconds) }
    let text = Exposition.text([Figure("tocsin_answer_seconds", "How long.", by: "method", ["Publish": took])])
    #expect(
      text == """
        # HELP tocsin_answer_seconds How long.
        # TYPE tocsin_answer_seconds histogram
        tocsin_answer_seconds_bucket{method="Publish",le="0.1"} 3
        tocsin_answer_seconds_bucket{method="Publish",le="1"} 4
        tocsin_answer_seconds_bucket{method="Publish",le="+Inf"} 5
        tocsin_answer_seconds_sum{method="Publish"} 30.65
        tocsin_answer_seconds_count{method="Publish"} 5

        """)
  }

  @Test func whatALabelHoldsCannotBreakALine() {
    let text = Exposition.text([
      Figure("tocsin_debts", .gauge, "Owed\\so\nfar.", [.init(1.5, [.init("peer", "a\"b\\c\nd")])])
    ])
    #expect(
      text == #"""
        # HELP tocsin_debts Owed\\so\nfar.
        # TYPE tocsin_debts gauge
        tocsin_debts{peer="a\"b\\c\nd"} 1.5

        """#)
  }

  @Test func whatHasNoSampleIsNotNamed() {
    #expect(Exposition.text([Figure("tocsin_debts", .gauge, "Owed.", [])]).isEmpty)
  }

  @Test(arguments: ["127.0.0.1:9171", "[::1]:9171", "0.0.0.0:80"]) func anAddressWithAPortIsAPlace(_ text: String) {
    #expect(MetricsPlace(text) != nil)
  }

  @Test(arguments: ["9171", ":9171", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "::1:9171", "example.org:9171", ""])
  func anythingElseIsNone(_ text: String) {
    #expect(MetricsPlace(text) == nil)
  }
}
