import Bus
import Testing

@Suite struct PulseTests {
  /// However often it is begun, there is one beat to come; and it can begin again when it has ended.
  @Test func aPulseThatIsBegunThriceBeatsOnce() async {
    let thread = PollThread(name: "pulse")
    let beats = await withUnsafeContinuation { (done: UnsafeContinuation<Int, Never>) in
      thread.post {
        var beats = 0
        let pulse = Pulse(on: thread, every: 2) {
          beats += 1
          return beats < 3
        }
        for _ in 0..<3 { pulse.begin() }
        // Three chains would have beaten five times by now: each that is told to go on makes one more.
        thread.after(milliseconds: 60) {
          let first = beats
          pulse.begin()
          thread.after(milliseconds: 60) {
            withExtendedLifetime(pulse) { done.resume(returning: first * 10 + beats) }
          }
        }
      }
    }
    #expect(beats == 34)
  }
}
