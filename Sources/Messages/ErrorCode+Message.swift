extension ErrorCode {
  /// What the catalogue says about this code. Exhaustive on purpose: a code without a message fails the build.
  public var message: Message {
    switch self {
    case .configUnknownKey: .configUnknownKey
    case .configDuplicateKey: .configDuplicateKey
    case .configWrongType: .configWrongType
    case .configOutOfRange: .configOutOfRange
    case .configKeyMissing: .configKeyMissing
    case .configSyntax: .configSyntax
    case .configConflict: .configConflict
    case .configBadUnit: .configBadUnit
    case .configFileMissing: .configFileMissing
    case .configFileUnreadable: .configFileUnreadable
    case .configNotUTF8: .configNotUTF8
    case .configPortInUse: .configPortInUse
    case .configPlaintextNotLoopback: .configPlaintextNotLoopback
    case .configSecretExposed: .configSecretExposed
    case .configDirectoryMissing: .configDirectoryMissing
    case .configDirectoryNotWritable: .configDirectoryNotWritable
    case .configOtherNode: .configOtherNode

    case .storageFull: .storageFull
    case .storageCorrupt: .storageCorrupt
    case .storageOutcomeUnknown: .storageOutcomeUnknown
    case .storagePoisoned: .storagePoisoned
    case .storageLogBehind: .storageLogBehind
    case .storageLocked: .storageLocked
    case .storageFormatNewer: .storageFormatNewer
    case .storageNotAStore: .storageNotAStore
    case .storageNotEmpty: .storageNotEmpty
    case .storageFileMissing: .storageFileMissing
    case .storageIO: .storageIO
    case .storageBackupDamaged: .storageBackupDamaged

    case .nodeNotInitialised: .nodeNotInitialised
    case .nodeAlreadyInitialised: .nodeAlreadyInitialised
    case .nodeStopping: .nodeStopping
    case .nodeBusy: .nodeBusy
    case .nodeUnknownOrg: .nodeUnknownOrg
    case .nodeRecordNotFound: .nodeRecordNotFound
    case .nodeNotOwner: .nodeNotOwner
    case .nodeFenced: .nodeFenced
    case .nodeCommitTooLarge: .nodeCommitTooLarge
    case .nodeConflict: .nodeConflict
    case .nodeDuplicate: .nodeDuplicate
    case .nodeRuleFailed: .nodeRuleFailed
    case .nodeRecordFrozen: .nodeRecordFrozen
    case .nodeNotAllowed: .nodeNotAllowed
    case .nodeReadOnly: .nodeReadOnly
    case .nodeNotAcknowledged: .nodeNotAcknowledged

    case .linkUnreachable: .linkUnreachable
    case .linkRefused: .linkRefused
    case .linkUnknownChild: .linkUnknownChild
    case .linkWrongNetwork: .linkWrongNetwork
    case .linkVersionNotSpoken: .linkVersionNotSpoken
    case .linkCertificate: .linkCertificate
    case .linkTokenInvalid: .linkTokenInvalid
    case .linkDiverged: .linkDiverged
    case .linkGap: .linkGap
    case .linkBadHash: .linkBadHash
    case .linkBadSignature: .linkBadSignature
    case .linkNeedsSnapshot: .linkNeedsSnapshot
    case .linkTwinIdentity: .linkTwinIdentity
    case .linkPackageNotForUs: .linkPackageNotForUs
    case .linkPackageDamaged: .linkPackageDamaged
    case .linkPackageOutOfOrder: .linkPackageOutOfOrder

    case .importEmpty: .importEmpty
    case .importEncoding: .importEncoding
    case .importWrongHeader: .importWrongHeader
    case .importMissingColumn: .importMissingColumn
    case .importUnknownColumn: .importUnknownColumn
    case .importDuplicateColumn: .importDuplicateColumn
    case .importRaggedRow: .importRaggedRow
    case .importOpenQuote: .importOpenQuote
    case .importStrayQuote: .importStrayQuote
    case .importControlCharacter: .importControlCharacter
    case .importTooLong: .importTooLong
    case .importEmptyRequired: .importEmptyRequired
    case .importWrongCode: .importWrongCode
    case .importBadCheckDigit: .importBadCheckDigit
    case .importBadDate: .importBadDate
    case .importBadNumber: .importBadNumber
    case .importBadBool: .importBadBool
    case .importDuplicateKey: .importDuplicateKey
    case .importUnknownReference: .importUnknownReference
    case .importOutsideDomain: .importOutsideDomain
    case .importRuleFailed: .importRuleFailed
    case .importRejects: .importRejects
    case .importTooManyRejects: .importTooManyRejects

    case .querySyntax: .querySyntax
    case .queryUnknownEntity: .queryUnknownEntity
    case .queryUnknownItem: .queryUnknownItem
    case .queryUnknownFunction: .queryUnknownFunction
    case .queryType: .queryType
    case .queryUnknownOrg: .queryUnknownOrg
    case .queryTooDeep: .queryTooDeep
    case .queryLimit: .queryLimit
    case .queryTimedOut: .queryTimedOut
    case .querySnapshotGone: .querySnapshotGone
    case .queryExpression: .queryExpression

    case .apiInternal: .apiInternal
    case .apiNotFound: .apiNotFound
    case .apiMethodNotAllowed: .apiMethodNotAllowed
    case .apiBodyTooLarge: .apiBodyTooLarge
    case .apiBadJSON: .apiBadJSON
    case .apiBadParameter: .apiBadParameter
    case .apiMediaType: .apiMediaType
    case .apiUnauthenticated: .apiUnauthenticated
    case .apiForbidden: .apiForbidden
    case .apiTooManyRequests: .apiTooManyRequests

    case .clientUnreachable: .clientUnreachable
    case .clientTimedOut: .clientTimedOut
    case .clientBadResponse: .clientBadResponse
    case .clientVersion: .clientVersion
    case .clientUnknownCommand: .clientUnknownCommand
    case .clientBadArgument: .clientBadArgument
    case .clientUnknownColumn: .clientUnknownColumn
    case .clientConfirmation: .clientConfirmation
    case .clientFileMissing: .clientFileMissing
    case .clientFileUnreadable: .clientFileUnreadable
    case .clientOutput: .clientOutput
    case .clientDamagedInstallation: .clientDamagedInstallation

    case .verifyDifferent: .verifyDifferent
    case .verifyBehind: .verifyBehind
    case .verifyIncomparable: .verifyIncomparable
    case .verifyChainBroken: .verifyChainBroken
    case .verifyRowDamaged: .verifyRowDamaged

    case .catalogSyntax: .catalogSyntax
    case .catalogDuplicate: .catalogDuplicate
    case .catalogUnknownEntity: .catalogUnknownEntity
    case .catalogUnknownItem: .catalogUnknownItem
    case .catalogUnknownTable: .catalogUnknownTable
    case .catalogRule: .catalogRule
    case .catalogNumberReused: .catalogNumberReused
    case .catalogVersionUnknown: .catalogVersionUnknown
    case .catalogIncompatible: .catalogIncompatible
    }
  }
}
