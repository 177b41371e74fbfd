import Machinery
import Messages
import Wire

/// How typed methods become entries of a tier's tables.
///
/// - Parameters:
///   - given: how large a request may be; not given: what people ask up to 64 KiB, what tiers and administrators do up to 1 MiB.
///   - actor: the field that says in whose name, where the table of access names none.
///   - isAudited: whose changes have a record in the audit; not given: everybody's, where a call needs a key.
func command<Rules, Request, Response>(
  _ method: Method<Request, Response>, needsKey: Bool = false, lint given: Lint? = nil,
  canWait: @escaping @Sendable (Rules.Input) -> Bool = { _ in false }, actor: String? = nil,
  audited isAudited: (@Sendable (Principal) -> Bool)? = nil,
  _ input: @escaping @Sendable (Request, Caller) -> Rules.Input,
  answer: @escaping @Sendable (Rules.Answer) -> Response?
) -> (String, Command<Rules>) {
  let access = MethodAccess.of(method.path)
  // Tiers hand over whatever came in, and a configuration is all there is.
  let lint = given ?? (needsKey && !Request.fullName.hasSuffix("Configuration") ? .people : .outside)
  return (
    method.path,
    Command(
      needsKey: needsKey,
      input: { payload, caller throws(Refusal) in
        let request = try Request(call: payload, lint: lint)
        if let refusal = access.objection(to: caller.principal, saying: request) { throw refusal }
        return input(request, caller)
      },
      canWait: canWait,
      answer: { given in
        guard let response = answer(given) else { preconditionFailure("\(method.path) was answered with \(given)") }
        return response.encoded()
      },
      request: Request.fullName, actor: actor ?? access.actor,
      name: { payload, principal in
        guard principal.speaksForPeople, let request = try? Request(call: payload, lint: lint) else {
          return principal.name
        }
        return access.name(of: principal, saying: request)
      }, isAudited: isAudited ?? { _ in needsKey })
  )
}

func query<Rules, Request, Response>(
  _ method: Method<Request, Response>,
  _ answer: @escaping @Sendable (Rules, Request, Instant) throws(Refusal) -> Response
) -> (String, Query<Rules>) {
  (
    method.path,
    Query<Rules> { rules, payload, now throws(Refusal) in
      try answer(rules, try Request(call: payload), now).encoded()
    }
  )
}

func pastQuery<Rules, Request, Response>(
  _ method: Method<Request, Response>, subject: @escaping @Sendable (Rules, Request) -> String,
  things: @escaping @Sendable (String) -> [String] = { _ in [] },
  _ answer: @escaping @Sendable (Rules, Request, Past) throws(Refusal) -> Response
) -> (String, PastQuery<Rules>) {
  (
    method.path,
    PastQuery(
      subject: { rules, payload throws(Refusal) in subject(rules, try Request(call: payload)) },
      things: things,
      answer: { rules, payload, past throws(Refusal) in
        try answer(rules, try Request(call: payload), past).encoded()
      })
  )
}

extension WireMessage {
  /// A request's payload, linted; a bad one is the caller's INVALID_ARGUMENT. Its times may be added to others, and to what a clock says.
  init(call payload: [UInt8], lint: Lint = .outside) throws(Refusal) {
    do {
      self = try Self(decoding: payload, lint: lint.forRules)
    } catch {
      throw error.refusal
    }
  }
}

func table<Value>(_ rows: (String, Value)...) -> [String: Value] {
  Dictionary(uniqueKeysWithValues: rows)
}
