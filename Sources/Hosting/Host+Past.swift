import Bus
import Machinery
import Messages
import Tiers
import Wire

/// Calls that need history: it is read beside the loop, and they are answered when it has been.
extension Host {
  private static var noHistory: Refusal { Refusal(.unimplemented, "there is no history here") }

  func answerPast(_ call: CallHandle, _ path: String, _ payload: [UInt8]) {
    if path == AuditMethods.list.path || path == AuditMethods.verify.path { return answerAudit(call, path, payload) }
    if let query = tier.reports[path] { return report(call, query, payload) }
    if let query = tier.rehearsals[path] { return rehearse(call, query, payload) }
    guard let query = tier.pastQueries[path], let historian, let subject = try? query.subject(engine.rules, payload)
    else {
      return server.answer(call, .failure(Self.noHistory))
    }
    let box = Unowned(self)
    historian.past(of: subject, and: query.things(subject), through: engine.durableThrough) { past in
      box.thread.post {
        let host = box.value
        do throws(Refusal) {
          let past = try past.get()
          host.server.answer(call, .success(try query.answer(host.engine.rules, payload, past)))
        } catch {
          host.server.answer(call, .failure(error))
        }
      }
    }
  }

  private func report(_ call: CallHandle, _ query: ReportQuery<Rules>, _ payload: [UInt8]) {
    guard let historian, let request = try? query.request(payload, clock.now()) else {
      return server.answer(call, .failure(Self.noHistory))
    }
    // They share history's thread with what people ask of one incident.
    guard reportsUnderWay < Self.reportsAtMost else {
      return server.answer(
        call, .failure(Refusal(.resourceExhausted, "other reports are being made", retryAfter: .seconds(2))))
    }
    reportsUnderWay += 1
    let box = Unowned(self)
    historian.figures(request, through: engine.durableThrough, answer: query.answer(engine.rules)) { answer in
      box.thread.post {
        box.value.reportsUnderWay -= 1
        box.value.server.answer(call, answer)
      }
    }
  }

  private func rehearse(_ call: CallHandle, _ query: RehearsalQuery<Rules>, _ payload: [UInt8]) {
    guard let historian else {
      return server.answer(call, .failure(Self.noHistory))
    }
    guard !isRehearsing else {
      return server.answer(
        call, .failure(Refusal(.resourceExhausted, "another rehearsal is under way", retryAfter: .seconds(5))))
    }
    do throws(Refusal) {
      let prepared = try query.prepare(engine.rules, payload, clock.now())
      isRehearsing = true
      let box = Unowned(self)
      historian.rehearse(prepared, through: engine.durableThrough) { answer in
        box.thread.post {
          box.value.isRehearsing = false
          box.value.server.answer(call, answer)
        }
      }
    } catch {
      server.answer(call, .failure(error))
    }
  }
}
