import Engine
import Formats
import Messages
import Ports
import Primitives
import Query
import RocksStorage

@_exported import struct Messages.Failure

extension Failure {
  /// What a caller is told of an error from below: one code, in both languages, with a remedy.
  ///
  /// - Parameter directory: the store's, where an operator looks first.
  init(anyError error: any Error, directory: String = "-") {
    switch error {
    case let failure as Failure: self = failure
    case let error as any FailureConvertible: self = error.failure
    case let error as EngineError: self.init(engine: error)
    case let error as PackageError: self = PackageFailure.of(error)
    case let fault as PackageFault: self = PackageFailure.of(fault)
    case let error as QueryError: self.init(query: error)
    case let error as StoreError: self.init(store: error)
    case let error as OpenError: self.init(opening: error, directory)
    default: self.init(.apiInternal, ["reference": "\(type(of: error))"])
    }
  }

  init(engine error: EngineError) {
    switch error {
    case .store(let error): self.init(store: error)
    case .corrupt(let place): self.init(.storageCorrupt, ["file": place])
    case .wrongKey: self.init(.storageCorrupt, ["file": "KEY", "reason": "KEY is not the key of this node"])
    case .tooLarge(let operations, let bytes):
      self.init(
        .nodeCommitTooLarge,
        ["operations": "\(operations)", "bytes": "\(bytes)", "maximumOperations": "4096", "maximumBytes": "\(4 << 20)"])
    case .readOnly(let standing):
      switch standing {
      case .fenced(let reason): self.init(.nodeFenced, ["reason": reason.string])
      case .recovering, .opening, .writing:
        self.init(
          .nodeReadOnly,
          [
            "reason": "it pulls its own history back from its parent first",
            "reason.zh": "正在先从上级取回自己的历史",
          ])
      }
    case .frozen(let key, let handover):
      self.init(
        .nodeRecordFrozen, ["entity": "\(key.entity.value)", "record": key.text, "transfer": handoverName(handover)])
    case .notFound(let key): self.init(.nodeRecordNotFound, ["entity": "\(key.entity.value)", "record": key.text])
    }
  }

  init(store error: StoreError) {
    switch error {
    case .full(let reason): self.init(.storageFull, ["free": reason, "reserve": "-", "directory": "-"])
    case .corrupt(let place): self.init(.storageCorrupt, ["file": place])
    case .outcomeUnknown(let reason): self.init(.storageOutcomeUnknown, ["reason": reason, "operation": reason])
    case .unavailable(let reason): self.init(.storageIO, ["operation": reason, "reason": reason, "file": "-"])
    }
  }

  init(query error: QueryError) {
    switch error {
    case .corrupt(let place): self.init(.storageCorrupt, ["file": place])
    case .store(let error): self.init(store: error)
    case .expression(let text, let offset, let error):
      // Offsets count bytes, people count characters.
      let before = text.utf8.prefix(offset)
      self.init(
        .queryExpression,
        [
          "reason": error.message.en, "reason.zh": error.message.zh, "text": text,
          "position": "\(String(decoding: before, as: UTF8.self).count + 1)",
        ])
    case .unknownEntity(let name): self.init(.queryUnknownEntity, ["entity": name])
    case .unknownItem(let name): self.init(.queryUnknownItem, ["entity": "-", "item": name])
    case .unknownOrg(let code): self.init(.queryUnknownOrg, ["org": code.string])
    case .ambiguousOrg(let code, let first, let second):
      self.init(.nodeAmbiguousOrg, ["org": code.string, "first": first.string, "second": second.string])
    case .masked(let item, let fieldClass):
      self.init(.accessMasked, ["item": item, "class": "\(fieldClass)".uppercased()])
    case .entityNotPermitted(let entity):
      self.init(.accessForbidden, ["action": "read \(entity)", "action.zh": "读取 \(entity)"])
    case .tooManyRows(let limit): self.init(.queryLimit, ["limit": "\(limit)", "maximum": "\(limit)"])
    }
  }

  init(opening error: OpenError, _ directory: String) {
    switch error {
    case .notAStore(let directory): self.init(.storageNotAStore, ["directory": directory])
    case .notEmpty(let directory): self.init(.storageNotEmpty, ["directory": directory])
    case .missing(let file): self.init(.storageFileMissing, ["file": file])
    case .damaged(let file, _): self.init(.storageCorrupt, ["file": file])
    case .exposed(let file, let mode): self.init(.configSecretExposed, ["file": file, "mode": mode])
    case .wrongIdentity(let found, let expected):
      self.init(
        .configOtherNode,
        [
          "directory": directory, "node": "\(String(found.node.value, radix: 16))", "org": found.rootOrgCode,
          "network": found.network, "expected": "\(expected)",
        ])
    case .newerFormat(let found, let supported):
      self.init(.storageFormatNewer, ["version": "\(found)", "supported": "\(supported)"])
    case .inUse(let process):
      self.init(.storageLocked, ["directory": directory, "pid": process.map { "\($0)" } ?? "?"])
    case .unsuitableFileSystem(let reason): self.init(.storageIO, ["operation": "open", "reason": reason, "file": "-"])
    case .behind(let found, let acknowledged):
      self.init(.storageLogBehind, ["head": "\(found)", "promised": "\(acknowledged)", "directory": directory])
    case .full(let free, let needed):
      self.init(.storageFull, ["free": "\(free.value)", "reserve": "\(needed.value)", "directory": directory])
    case .optionsNotInForce(let detail), .unavailable(let detail):
      self.init(.storageIO, ["operation": "open", "reason": detail, "file": "-"])
    }
  }
}

extension RecordKey {
  /// A key for messages and interfaces: entity-mint-counter-ordinal in hexadecimal.
  public var text: String {
    "\(entity.value)-\(String(record.mint, radix: 16))-\(record.counter)-\(ordinal)"
  }
}
