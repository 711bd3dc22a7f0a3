//! The words that rules speak: kinds of elements, facts about them, and the closed sets of words that facts may hold.
//!
//! The doc comments here are the rule author's manual: `flowgate rules vocabulary` prints them and the rule schema completes them.
//! Adding a fact is adding a line here; everything else (loader, schema, `show`, CEL) follows from it.

/// What a fact holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FactType {
    /// One of the words.
    Word(&'static [Word]),
    /// Several of the words; a condition holds when it holds for one of them.
    Words(&'static [Word]),
    /// Text of the export.
    Text,
    /// Several texts; a condition holds when it holds for one of them.
    Texts,
    /// True or false.
    Bool,
    /// A number; the fact's description names the unit.
    Number,
}

/// A word of a closed set, with its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// As rules and reports write it.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// What an element is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[doc = $doc])+ $variant,)+ }

        impl Kind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As rules and reports write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What it means.
            #[must_use]
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+)),+ }
            }
        }
    };
}

macro_rules! words {
    ($($(#[doc = $doc:literal])+ $type:ident { $($(#[doc = $word_doc:literal])+ $variant:ident = $name:literal,)+ })+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, schemars::JsonSchema)]
        pub enum $type { $($(#[doc = $word_doc])+ #[serde(rename = $name)] $variant,)+ }

        impl $type {
            /// All words of the set.
            pub const WORDS: &'static [Word] = &[$(Word { name: $name, doc: concat!($($word_doc),+) }),+];

            /// As rules and reports write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl<'a> From<$type> for super::Value<'a> {
            fn from(word: $type) -> Self {
                Self::Word(word.name())
            }
        }
    )+};
}

macro_rules! facts {
    ($($(#[doc = $doc:literal])+ $variant:ident = $kind:ident . $name:literal : $type:expr,)+) => {
        /// Something known about an element. Each fact belongs to one kind; rules write it as `kind: { fact: condition }`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fact { $($(#[doc = $doc])+ $variant,)+ }

        impl Fact {
            /// All facts, in the order in which they are documented.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The kind of element that has it.
            #[must_use]
            pub const fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind),+ }
            }

            /// As rules write it, below its kind.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What it means.
            #[must_use]
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+)),+ }
            }

            /// What it holds.
            #[must_use]
            pub const fn fact_type(self) -> FactType {
                match self { $(Self::$variant => $type),+ }
            }
        }
    };
}

kinds! {
    /// A flow, app, site, agent or package that is deployed as one thing; or, for exports that hold none, the file itself.
    App = "app",
    /// What starts an app.
    Trigger = "trigger",
    /// A step that does something: calls a service, runs code, decides, transforms.
    Action = "action",
    /// A credential binding that a step uses to reach a system, with its transport settings.
    Connection = "connection",
    /// The type of system that a step talks to, as the platform names it.
    Connector = "connector",
    /// An address that a step calls.
    Endpoint = "endpoint",
    /// Where data is kept or comes from.
    DataSource = "data_source",
    /// A right that somebody has, or that a step gives.
    Grant = "grant",
    /// A credential that stands in the export.
    Secret = "secret",
    /// A setting or content of an app that is no step.
    Setting = "setting",
    /// A piece of software that the app brings along or needs on its host.
    Component = "component",
    /// A language model that chooses among tools.
    Agent = "agent",
    /// A way of data from where it is read to where it is written or sent; only with a policy that speaks of classes of data.
    Flow = "flow",
    /// A part of an app that a template of the policy locks.
    TemplatePart = "template_part",
    /// What its owners declare of an app: `flowgate.app.yaml`; and each thing that is wrong with it, which is an element of its own.
    Manifest = "manifest",
    /// A right that somebody was given for a time, as the manifest says it; and each thing that is wrong with it.
    Elevation = "elevation",
    /// The consent of somebody to what an app is now.
    SignOff = "sign_off",
    /// A decision to live with a finding for a time.
    Waiver = "waiver",
    /// The rules of the organisation: `.flowgate/policy.yaml`.
    Policy = "policy",
    /// What a version of an app, or of what governs it, has gained, lost or changed.
    Delta = "delta",
    /// The move of an app to another environment.
    Promotion = "promotion",

    /// A part of an export that the definitions of its platform do not have: a typing error, or newer than they are.
    Unknown = "unknown",

    // Makers
    /// Something that an app uses and that not all makers may use.
    Capability = "capability",
}

words! {
    /// The kinds of app.
    AppKind {
        /// Steps that run on a trigger.
        Flow = "flow",
        /// Screens that people use.
        Screens = "screens",
        /// A website.
        Site = "site",
        /// An assistant that people or other apps talk to.
        Agent = "agent",
        /// A connector that the organisation defines itself.
        Connector = "connector",
        /// A package of apps, roles, tables and settings that are moved together.
        Package = "package",
        /// Settings, credentials or variables of a whole organisation or instance.
        OrgConfig = "org-config",
        /// What the organisation says of an app: its manifest.
        Governed = "governed",
    }
    /// What the definitions of a platform do not have.
    UnknownPart {
        /// An element of that name.
        Element = "element",
        /// That word among those of an element.
        Value = "value",
    }
    /// What happens when a step of an app fails.
    ErrorHandler {
        /// Nothing is set: the run stops and nobody is told.
        Absent = "none",
        /// Another flow is called.
        Workflow = "workflow",
        /// A step has a way out for errors.
        Branch = "branch",
    }
    /// The kinds of trigger.
    TriggerKind {
        /// An HTTP request.
        Http = "http",
        /// A form that a person fills in.
        Form = "form",
        /// A chat window.
        Chat = "chat",
        /// A server for agents (Model Context Protocol).
        Mcp = "mcp",
        /// An incoming mail.
        Email = "email",
        /// A new or changed file.
        File = "file",
        /// A message in a queue or broker.
        Queue = "queue",
        /// An event of a service that the platform subscribes to.
        Event = "event",
        /// A clock.
        Schedule = "schedule",
        /// A person in the editor.
        Manual = "manual",
        /// A person or another app inside the platform.
        AppCall = "app-call",
        /// Another flow.
        Subflow = "subflow",
        /// The failure of another flow.
        Error = "error",
    }
    /// Who can reach an entry point.
    Exposure {
        /// Anyone who knows or guesses the address.
        Public = "public",
        /// Anyone in the organisation.
        Tenant = "tenant",
        /// Named users.
        Users = "users",
        /// Nobody outside the platform.
        Internal = "internal",
        /// The export does not say.
        Unknown = "unknown",
    }
    /// How a caller, or the app towards a system, proves who it is.
    Auth {
        /// Not at all.
        Absent = "none",
        /// By a secret in the address.
        UrlSecret = "url-secret",
        /// User name and password.
        Basic = "basic",
        /// A secret in a header.
        Header = "header",
        /// A signature over the message.
        Hmac = "hmac",
        /// A signed token.
        Jwt = "jwt",
        /// OAuth 2.0 or OpenID Connect.
        Oauth = "oauth",
        /// The caller's network address.
        Ip = "ip",
        /// The login of the platform.
        Platform = "platform",
        /// The export does not say.
        Unknown = "unknown",
    }
    /// What the steps behind an entry point check about the caller.
    Guard {
        /// Nothing.
        Absent = "none",
        /// A secret that the caller sends is compared.
        Secret = "secret",
        /// A signature over the message is computed and compared.
        Signature = "signature",
    }
    /// What a step does to the world.
    Verb {
        /// Reads data.
        Read = "read",
        /// Creates or changes data.
        Write = "write",
        /// Removes data.
        Delete = "delete",
        /// Changes users, rights, flows or infrastructure.
        Admin = "admin",
        /// Runs code, commands or queries that can do anything on their host.
        Execute = "execute",
        /// Sends a message to people.
        Send = "send",
        /// Gives others access.
        Share = "share",
        /// Moves data out in bulk.
        Export = "export",
        /// Computes without an effect.
        Transform = "transform",
        /// Decides, loops, waits, joins.
        Control = "control",
    }
    /// What happens when this step fails.
    OnError {
        /// The run stops.
        Stop = "stop",
        /// The run goes on as if nothing had happened.
        Continue = "continue",
        /// The run goes on in a way of its own for errors.
        Branch = "branch",
        /// The export does not say.
        Unknown = "unknown",
    }
    /// Whether a person must agree before a step runs.
    Confirm {
        /// No.
        Absent = "none",
        /// Yes.
        Human = "human",
    }
    /// Where a value comes from.
    Origin {
        /// It stands in the export.
        Literal = "literal",
        /// From whoever or whatever starts the app: a request, a form, a chat, a mail, a message.
        Trigger = "trigger",
        /// A language model wrote it.
        Model = "model",
        /// From the environment or variables of the platform.
        Env = "env",
        /// From a system, a file or a service that a step read.
        DataSource = "data-source",
        /// What called the app inside the platform.
        Caller = "caller",
        /// It cannot be told.
        Unknown = "unknown",
    }
    /// With whose rights something acts.
    Identity {
        /// Those of the maker who connected it, whoever runs the app.
        Maker = "maker",
        /// Those of the person who runs the app.
        Invoker = "invoker",
        /// Those of an account or registered application that belongs to no person.
        Service = "service",
        /// Those of an identity that the platform manages, without a secret.
        Managed = "managed",
        /// Those of an account that all users of the app share.
        Shared = "shared",
        /// None are needed.
        Absent = "none",
        /// The export does not say.
        Unknown = "unknown",
    }
    /// Which rights of the person who runs an app its steps are held to.
    Enforced {
        /// Which records the person may see, and what the person may do with them.
        All = "all",
        /// Which records the person may see.
        Sharing = "sharing",
        /// None: the steps read and change what the platform may.
        Absent = "none",
    }
    /// What a connection lets an app do beyond working with its own data.
    Power {
        /// Manage users, rights, apps, flows or environments.
        Admin = "admin",
        /// Send any request, to any address of a service, with the rights of the connection.
        AnyRequest = "any-request",
        /// Run programs on a machine.
        Machine = "machine",
    }
    /// What the platform records of a step in the history of runs.
    Recorded {
        /// What goes in.
        Inputs = "inputs",
        /// What comes out.
        Outputs = "outputs",
    }
    /// What is weak in the definition of a connector.
    Weakness {
        /// It may be called without encryption.
        Cleartext = "cleartext",
        /// It is called without encryption only.
        CleartextOnly = "cleartext-only",
        /// Its credential travels in the address.
        SecretInQuery = "secret-in-query",
        /// A parameter that holds a secret is kept and shown as plain text.
        PlainSecretParameter = "plain-secret-parameter",
        /// It uses a grant of OAuth that hands tokens to the browser.
        ImplicitGrant = "implicit-grant",
        /// Its host is a tunnel to somebody's machine.
        Tunnel = "tunnel",
        /// It asks nobody who they are.
        Unauthenticated = "unauthenticated",
        /// It brings code of its own that sees every request.
        Code = "code",
    }
    /// The languages that a step runs.
    Language {
        /// A query language of a relational database.
        Sql = "sql",
        /// A query language of another store.
        Query = "query",
        /// A filter over records, which chooses among those that may be read and can do nothing else.
        Filter = "filter",
        /// A command line of an operating system.
        Shell = "shell",
        /// JavaScript or TypeScript.
        Javascript = "javascript",
        /// Python.
        Python = "python",
    }
    /// Where an address leads.
    Network {
        /// To the internet.
        Public = "public",
        /// Into a private network.
        Private = "private",
        /// To the same machine.
        Loopback = "loopback",
        /// To the metadata service of a cloud, which hands out credentials.
        Metadata = "metadata",
        /// It cannot be told.
        Unknown = "unknown",
    }
    /// The domain of an address that a message goes to.
    Recipient {
        /// Of the organisation, by policy.
        Own = "own",
        /// Of another organisation, by policy.
        Foreign = "foreign",
        /// A free mail service for private people.
        FreeMail = "free-mail",
        /// Not known without a policy.
        Unknown = "unknown",
    }
    /// The kinds of data source.
    DataSourceKind {
        /// A table of a database, spreadsheet or low-code store.
        Table = "table",
        /// A file, or a folder of files.
        File = "file",
        /// A mailbox.
        Mailbox = "mailbox",
        /// Messages of people or machines.
        Messages = "messages",
        /// Customers, contacts, leads, deals, tickets.
        Records = "records",
        /// Calendars.
        Calendar = "calendar",
        /// Texts that an agent searches.
        Knowledge = "knowledge",
        /// Storage of objects.
        Bucket = "bucket",
        /// Pages of the web and public services.
        Web = "web",
        /// Memory between runs.
        Memory = "memory",
    }
    /// Who a right is given to.
    PrincipalKind {
        /// Anyone, without login.
        Anonymous = "anonymous",
        /// Everyone of the organisation or domain.
        Everyone = "everyone",
        /// A group.
        Group = "group",
        /// A person.
        User = "user",
        /// Whoever has a role.
        Role = "role",
        /// A program.
        App = "app",
        /// The export does not say.
        Unknown = "unknown",
    }
    /// Which records a right covers.
    Scope {
        /// Those of the person.
        Own = "own",
        /// Those of the person's part of the organisation.
        Unit = "unit",
        /// Those that were shared with the person, or hang on such.
        Shared = "shared",
        /// Those of the part of the organisation and of all parts below it.
        Organisation = "org",
        /// All.
        All = "all",
    }
    /// What a right lets its holder do beyond working with data.
    RightPower {
        /// Give rights to oneself and others.
        AssignRights = "assign-rights",
        /// Create and change users.
        ManageUsers = "manage-users",
        /// Act as somebody else.
        Impersonate = "impersonate",
        /// Go round checks and logic that the app enforces.
        BypassChecks = "bypass-checks",
        /// Remove the traces of what was done.
        EraseAudit = "erase-audit",
        /// Delete records of other people.
        DeleteOthersData = "delete-others-data",
        /// Delete in bulk.
        BulkDelete = "bulk-delete",
        /// Change flows that run with the rights of others.
        ChangeFlows = "change-flows",
        /// Bring code onto the platform.
        RunCode = "run-code",
        /// Change tables, forms and other parts of apps.
        Customise = "customise",
        /// Read what is encrypted, or manage its keys.
        Decrypt = "decrypt",
        /// Read and change all data of the organisation, whatever was shared with whom.
        AllData = "all-data",
        /// Read all data of the organisation, whatever was shared with whom.
        ReadAllData = "read-all-data",
        /// Change how people and programs log in.
        ManageLogins = "manage-logins",
        /// Call the programming interfaces of the platform.
        CallApi = "call-api",
        /// Use the credential that the organisation has for another system.
        UseCredential = "use-credential",
        /// Keep a password for ever.
        KeepPassword = "keep-password",
    }
    /// Whether a right is about making apps or about using them.
    Plane {
        /// Making.
        Build = "build",
        /// Using.
        Run = "run",
    }
    /// What makes data worth protecting, as its name tells.
    Sensitivity {
        /// Numbers of passports, identity cards, social security, tax.
        IdentityNumber = "identity-number",
        /// Date of birth.
        BirthDate = "birth-date",
        /// Health, disability, religion, sexual life, trade unions, convictions.
        SpecialCategory = "special-category",
        /// Salaries and bonuses.
        Salary = "salary",
        /// Bank accounts and payment cards.
        Payment = "payment",
        /// Passwords, keys, tokens.
        Credential = "credential",
    }
    /// How much an assistant's words are checked before people see them.
    Moderation {
        /// Little.
        Low = "low",
        /// Some.
        Medium = "medium",
        /// Much.
        High = "high",
    }
    /// Where a secret stands.
    SecretPlace {
        /// In the header that authenticates a request.
        AuthHeader = "auth-header",
        /// In another header.
        Header = "header",
        /// In the query of an address.
        Query = "query",
        /// In an address, before the host.
        UserInfo = "user-info",
        /// In the body of a request.
        Body = "body",
        /// In a field that is made for a credential.
        CredentialField = "credential-field",
        /// In a variable of the app.
        Variable = "variable",
        /// In a connection string.
        ConnectionString = "connection-string",
        /// In code.
        Code = "code",
        /// In notes, prompts or descriptions.
        Prose = "prose",
        /// In data that was captured while the app was tried.
        CapturedData = "captured-data",
        /// In the part of the export that is made for secrets.
        SecretSection = "secret-section",
        /// Elsewhere.
        Other = "other",
    }
    /// How a secret is kept.
    Storage {
        /// In clear.
        Literal = "literal",
        /// Encrypted with a key that is not in the export.
        Encrypted = "encrypted",
        /// Not in the export: it is filled in later, into something that keeps it in clear.
        Declared = "declared",
    }
    /// Who publishes a connector or component.
    Publisher {
        /// The platform itself.
        Platform = "platform",
        /// A vendor that the platform has checked.
        Verified = "verified",
        /// Anyone.
        Community = "community",
        /// The organisation itself.
        Custom = "custom",
    }
    /// What the policy says of a connector.
    Standing {
        /// Approved by name.
        Approved = "approved",
        /// Forbidden by name.
        Blocked = "blocked",
        /// Approved by name, but not for this maker or this environment.
        Restricted = "restricted",
        /// Not named, which means that it must not be used.
        Unlisted = "unlisted",
    }
    /// Whether a vendor of a connector was reviewed, by policy.
    VendorReview {
        /// It was, and that still holds.
        Valid = "valid",
        /// It was, but that has ended.
        Expired = "expired",
        /// It was not.
        Missing = "missing",
    }
    /// What the catalogue of rights says of a right.
    Catalogued {
        /// All of it is in the catalogue.
        Covered = "covered",
        /// The role is in the catalogue, some of its rights are not.
        Beyond = "beyond",
        /// The role is not in the catalogue.
        UnknownRole = "unknown-role",
    }
    /// Whether data goes further than its class may.
    Crossing {
        /// It does.
        Crosses = "yes",
        /// It does, and the policy has agreed to that.
        Excepted = "excepted",
        /// It does not.
        Within = "no",
        /// The policy does not know the class of one of the ends.
        Unknown = "unknown",
    }
    /// Where a region lies, by policy.
    Residency {
        /// Among those that are allowed.
        Inside = "inside",
        /// Elsewhere.
        Outside = "outside",
        /// It cannot be told.
        Unknown = "unknown",
    }
    /// How a part of an app differs from its template.
    Deviation {
        /// It is another.
        Changed = "changed",
        /// It is not there.
        Removed = "removed",
        /// The template has none.
        Added = "added",
    }
    /// The kinds of component.
    ComponentKind {
        /// A package that adds steps or libraries.
        Package = "package",
        /// A server of tools for agents (Model Context Protocol).
        Mcp = "mcp",
        /// A capability of the machine that runs the app.
        Host = "host",
    }
    /// What a host component lets an app do on its machine.
    Capability {
        /// Run commands.
        Command = "command",
        /// Run commands on another machine.
        RemoteCommand = "remote-command",
        /// Read, write or watch files.
        Files = "files",
        /// Change or fetch repositories.
        Repository = "repository",
    }
    /// What a piece of captured data shows about people.
    PersonalData {
        /// An e-mail address.
        Email = "e-mail",
        /// A telephone number.
        Phone = "phone",
        /// A person's name.
        Name = "name",
        /// A network address of a visitor.
        IpAddress = "ip-address",
        /// An account or chat identifier of a person.
        Account = "account",
        /// A bank account or payment card.
        Payment = "payment",
    }

    // Manifests
    /// How much is at stake, by the risk of an app. Ordered.
    Tier {
        /// Little.
        Low = "low",
        /// Some.
        Moderate = "moderate",
        /// Much.
        High = "high",
    }
    /// Who uses an app, by its manifest.
    Audience {
        /// Its maker.
        Maker = "self",
        /// A team.
        Team = "team",
        /// People of the organisation.
        Internal = "internal",
        /// Known people of other organisations.
        External = "external",
        /// Anyone.
        Anonymous = "anonymous",
    }
    /// What an app uses and not all makers may use.
    MakerCapability {
        /// A connector that the policy approves.
        ApprovedConnector = "approved-connector",
        /// A connector that the organisation has defined itself.
        CustomConnector = "custom-connector",
        /// A connector that manages users, rights, apps, flows or environments.
        AdminConnector = "admin-connector",
        /// A request to an address that the app names itself.
        Http = "http",
        /// A form or screens that people fill in.
        Form = "form",
        /// A clock that starts the app.
        Schedule = "schedule",
        /// An address that other systems call to start the app.
        Webhook = "webhook",
        /// An entry point that anyone can use who knows or guesses its address.
        PublicEntry = "public-entry",
        /// A step that waits for the approval of a person.
        Approval = "approval",
        /// A step that gives others access.
        Sharing = "sharing",
        /// A query in the language of a database.
        Query = "query",
        /// Code, commands or scripts that the app brings along.
        CustomCode = "custom-code",
        /// Work on the machine that runs the app, or on another: its files, its commands.
        Machine = "machine",
        /// A flow that works on somebody's desktop.
        DesktopFlow = "desktop-flow",
        /// A language model that chooses among tools.
        Agent = "agent",
        /// A package or server of tools from outside of the platform.
        Component = "component",
        /// Rights that the app gives to roles.
        Roles = "roles",
    }
    /// What is wrong with what a manifest says.
    ManifestGap {
        /// It does not say what it must.
        MissingKeys = "missing-keys",
        /// The policy does not know the owner.
        UnknownOwner = "unknown-owner",
        /// The policy does not know the data steward.
        UnknownSteward = "unknown-steward",
        /// Owner and data steward are one person, for data of the highest class.
        StewardIsOwner = "steward-is-owner",
    }
    /// What a manifest says too low of.
    Understated {
        /// The risk tier.
        Tier = "tier",
        /// The class of data.
        Class = "class",
    }
    /// How far an elevation is.
    ElevationState {
        /// It holds.
        Active = "active",
        /// Its time has not begun.
        Pending = "pending",
        /// Its time is over, or it has no end.
        Expired = "expired",
        /// It was taken back.
        Revoked = "revoked",
    }
    /// What is wrong with an elevation.
    ElevationDefect {
        /// It has no end.
        NoExpiry = "no-expiry",
        /// Its end is past.
        Expired = "expired",
        /// It ends before it begins.
        EndsBeforeStart = "ends-before-start",
        /// It lasts longer than the policy allows.
        TooLong = "too-long",
        /// It does not say when it was granted.
        NoStart = "no-start",
        /// Fewer people have approved it than the policy asks for.
        TooFewApprovers = "too-few-approvers",
        /// Nobody of a function has approved it that the policy asks for.
        MissingFunction = "missing-function",
        /// Somebody has approved it for a function that is not theirs.
        WrongFunction = "wrong-function",
        /// Who has asked for it has also approved it.
        SelfApproved = "self-approved",
        /// It does not say why it is needed.
        NoJustification = "no-justification",
        /// It does not say who has asked for it.
        NoRequester = "no-requester",
        /// It does not say which right it gives.
        NoPrivilege = "no-privilege",
        /// The policy does not let makers of that tier ask for that right.
        NotElevatable = "not-elevatable",
        /// It was granted outside of the hours that the policy allows.
        OutsideWindow = "outside-window",
    }

    // Waivers, sign-offs, promotions
    /// What is wrong with a waiver.
    WaiverProblem {
        /// Its last day is over.
        Expired = "expired",
        /// It says no last day.
        NoExpiry = "no-expiry",
        /// Its last day cannot be read.
        MalformedExpiry = "malformed-expiry",
        /// It lasts longer than the policy allows for a finding that is so bad.
        ExpiresTooLate = "expires-too-late",
        /// Nobody has approved it.
        Unapproved = "unapproved",
        /// Who approved it asked for it, owns it, or made the change.
        SelfApproved = "self-approved",
        /// Who approved it did so in another function than the policy wants.
        WrongFunction = "wrong-function",
        /// Who approved it is no member of the function, by policy.
        UnknownApprover = "unknown-approver",
        /// The day of its approval is not said, cannot be read, or lies in the future.
        MalformedApproval = "malformed-approval",
        /// Nobody may waive findings of its rule.
        NotWaivable = "not-waivable",
        /// It names no single finding or element of an app.
        TooBroad = "too-broad",
        /// The finding that it names is of another rule or app.
        Mismatched = "mismatched",
        /// No finding needs it.
        Unused = "unused",
        /// It was prolonged more often than the policy allows.
        TooManyRenewals = "too-many-renewals",
        /// More waivers hold at once than the policy allows, and this is one of the newest.
        TooManyOpen = "too-many-open",
        /// It ends within a fortnight.
        ExpiringSoon = "expiring-soon",
        /// The app has changed since it was granted.
        ChangedContent = "changed-content",
    }
    /// Why a sign-off does not count.
    SignOffProblem {
        /// It does not approve, or the person asks for changes.
        Declined = "declined",
        /// It does not say which content was approved.
        Unbound = "unbound",
        /// It is for other content than this.
        Stale = "stale",
        /// The policy has no such function.
        UnknownFunction = "unknown-function",
        /// The person is no member of the function.
        NotAMember = "not-a-member",
        /// The person took part in the change.
        ByAuthor = "by-author",
        /// The person already speaks for another function.
        SecondFunction = "second-function",
        /// Its signature does not hold.
        BadSignature = "bad-signature",
        /// Its date cannot be read, or lies in the future.
        BadDate = "bad-date",
        /// It is not sure enough for the gate that it was this person.
        Unsure = "unsure",
    }
    /// What an app lacks to go to an environment.
    PromotionLack {
        /// Nobody has signed off for a function.
        SignOff = "sign-off",
        /// It has not been in the environment before.
        Step = "step",
        /// Who promotes it is in no function that may.
        Actor = "actor",
        /// Who promotes it has also made it.
        OtherActor = "other-actor",
        /// It does not say what to go back to.
        Rollback = "rollback",
        /// It does not say who asked for the change, agreed to it and made it.
        ChangelogEntry = "changelog-entry",
        /// Its content has changed and its version has not.
        Version = "version",
    }
    /// What has changed between two versions.
    DeltaKind {
        /// What starts an app, and who can reach it.
        EntryPoint = "entry-point",
        /// A system that it talks to.
        Connector = "connector",
        /// An address that it calls.
        Endpoint = "endpoint",
        /// With whose rights it acts.
        Identity = "identity",
        /// A right that it gives.
        Grant = "grant",
        /// Data that it works with.
        DataSource = "data-source",
        /// A way that data goes.
        DataFlow = "data-flow",
        /// What a language model can do in it.
        Agent = "agent",
        /// Software that it brings along.
        Component = "component",
        /// How it runs: whether it is on, what it decides, its settings.
        Behaviour = "behaviour",
        /// A file that says how apps are judged.
        Control = "control",
        /// How many changes there are of what the policy counts.
        Total = "total",
    }
    /// How it has changed.
    DeltaOp {
        /// It is new.
        Added = "added",
        /// It is gone.
        Removed = "removed",
        /// It is another.
        Changed = "changed",
    }
    /// What a change would weaken of the gate that judges it.
    Weakened {
        /// The policy is another.
        Policy = "policy",
        /// A waiver is new or another.
        Waiver = "waiver",
        /// A rule of the organisation is another or gone.
        Rule = "rule",
        /// Another file of those that steer the gate is another.
        Control = "control",
        /// What runs the gate is another or gone.
        Pipeline = "pipeline",
        /// Fewer people have to agree to changes of the gate.
        Owners = "owners",
        /// A checkout gives the gate other files than the ones that are used.
        Checkout = "checkout",
        /// Something that was judged is not judged any more.
        Export = "export",
        /// A manifest is gone while its app is not.
        ManifestGone = "manifest-gone",
        /// A manifest covers less than before.
        Coverage = "coverage",
        /// The declared risk tier, class of data, audience or criticality is lower.
        Declaration = "declaration",
    }
}

use FactType::{Bool, Number, Text, Texts, Word as OneOf, Words as SomeOf};

facts! {
    /// What kind of app it is.
    AppKind = App."kind": OneOf(self::AppKind::WORDS),
    /// Name that makers see.
    AppName = App."name": Text,
    /// Whether it runs: published, switched on.
    AppEnabled = App."enabled": Bool,
    /// What happens when a step fails.
    AppErrorHandler = App."error_handler": OneOf(ErrorHandler::WORDS),
    /// Whether agents outside the platform may find and run it.
    AppOpenToAgents = App."open_to_agents": Bool,
    /// Version that its maker gave it.
    AppVersion = App."version": Text,
    /// Who publishes it, as the platform names them.
    AppPublisher = App."publisher": Text,
    /// Whether it comes in the form that cannot be changed where it is installed.
    AppManaged = App."managed": Bool,
    /// Those who made, changed or own it, as the export says: names, logins or mail addresses.
    AppMakers = App."makers": Texts,
    /// Whether a manifest describes it; absent where the repository has no manifests.
    AppGoverned = App."governed": Bool,
    /// What starts it: the kinds of its triggers.
    AppStartedBy = App."started_by": SomeOf(self::TriggerKind::WORDS),

    /// Region that it runs in, as the platform names it.
    AppRegion = App."region": Text,
    /// Where that region lies, by policy.
    AppResidency = App."residency": OneOf(self::Residency::WORDS),
    /// Whether it logs to where the policy asks for; absent where it asks for nothing.
    AppLogSink = App."log_sink": Bool,
    /// Whether the policy asks that it handles the failure of its steps.
    AppErrorHandlerRequired = App."error_handler_required": Bool,

    /// What kind of trigger it is.
    TriggerKind = Trigger."kind": OneOf(self::TriggerKind::WORDS),
    /// Who can reach it.
    TriggerExposure = Trigger."exposure": OneOf(Exposure::WORDS),
    /// How a caller proves who it is.
    TriggerAuth = Trigger."auth": OneOf(Auth::WORDS),
    /// What the steps behind it check about the caller.
    TriggerGuard = Trigger."guard": OneOf(Guard::WORDS),
    /// HTTP methods that it accepts.
    TriggerMethods = Trigger."methods": Texts,
    /// Web origins that may call it from a browser.
    TriggerOrigins = Trigger."origins": Texts,
    /// Whether it says what a request must look like.
    TriggerHasSchema = Trigger."has_schema": Bool,
    /// Type of the trigger, as the platform names it.
    TriggerConnector = Trigger."connector": Text,
    /// Which rights of whoever starts it the steps behind it are held to, where the maker may choose.
    TriggerEnforces = Trigger."enforces": OneOf(Enforced::WORDS),

    /// Type of the step, as the platform names it.
    ActionConnector = Action."connector": Text,
    /// What it is asked to do, as the platform names it: `message.send`.
    ActionOperation = Action."operation": Text,
    /// What it does to the world.
    ActionVerb = Action."verb": OneOf(Verb::WORDS),
    /// What happens when it fails.
    ActionOnError = Action."on_error": OneOf(OnError::WORDS),
    /// Whether an agent may call it.
    ActionIsTool = Action."is_tool": Bool,
    /// Whether a person must agree before it runs.
    ActionConfirm = Action."confirm": OneOf(Confirm::WORDS),
    /// The language of the code, command or query that it runs.
    ActionLanguage = Action."language": OneOf(Language::WORDS),
    /// Where the parts of its query come from; absent when it has none or its values are bound as parameters.
    ActionQueryFrom = Action."query_from": SomeOf(Origin::WORDS),
    /// Where the parts of its command line come from.
    ActionCommandFrom = Action."command_from": SomeOf(Origin::WORDS),
    /// Where code comes from that it evaluates.
    ActionCodeFrom = Action."code_from": SomeOf(Origin::WORDS),
    /// Where the addresses of its recipients come from.
    ActionRecipientFrom = Action."recipient_from": SomeOf(Origin::WORDS),
    /// Where the content comes from that it sends or writes.
    ActionContentFrom = Action."content_from": SomeOf(Origin::WORDS),
    /// The address that it sends to, when it stands in the export.
    ActionRecipient = Action."recipient": Text,
    /// Whose address that is.
    ActionRecipientDomain = Action."recipient_domain": OneOf(Recipient::WORDS),
    /// A cryptographic hash or cipher that it uses, lower case without dashes: `md5`.
    ActionAlgorithm = Action."algorithm": Text,
    /// A construct in an expression or in code that breaks out of the platform's sandbox.
    ActionSandboxEscape = Action."sandbox_escape": Text,
    /// What its code can do beyond computing: `network`, `process`, `filesystem`, `environment`, `eval`.
    ActionCodeReaches = Action."code_reaches": Texts,
    /// The app that it calls, by its id in the platform; `self` for the app itself.
    ActionTarget = Action."target": Text,
    /// Name of the protocol that it moves data with, where there is a choice: `ftp`, `sftp`.
    ActionProtocol = Action."protocol": Text,
    /// With whose rights it runs.
    ActionIdentity = Action."identity": OneOf(self::Identity::WORDS),
    /// Where the values come from that choose which records it reads or changes; `literal` where nothing chooses.
    ActionRecordsFrom = Action."records_from": SomeOf(Origin::WORDS),
    /// Whether it does the steps behind it again for each item of a list.
    ActionRepeats = Action."repeats": Bool,
    /// Whether a loop does it again for each item in one transaction, because nobody is waited for on the way.
    ActionInLoop = Action."in_loop": Bool,
    /// Where the history of runs shows a secret that it handles.
    ActionSecretRecorded = Action."secret_recorded": SomeOf(Recorded::WORDS),

    /// Whether the policy lets its connector be asked to do that; absent where it says nothing.
    ActionAllowed = Action."allowed": Bool,
    /// The protocol that it uses although the policy forbids it.
    ActionForbiddenProtocol = Action."forbidden_protocol": Text,
    /// Fields that it writes to a log although the policy forbids it.
    ActionForbiddenFields = Action."forbidden_fields": Texts,

    /// Type of the credential, as the platform names it.
    ConnectionType = Connection."type": Text,
    /// What tells the credential from others of its type: its identifier, else its name, where the platform keeps one apart.
    ConnectionCredential = Connection."credential": Text,
    /// Whether the certificate of the other side is checked.
    ConnectionVerifiesCertificate = Connection."verifies_certificate": Bool,
    /// Whether the transport is encrypted.
    ConnectionEncrypted = Connection."encrypted": Bool,
    /// With whose rights it acts.
    ConnectionIdentity = Connection."identity": OneOf(self::Identity::WORDS),
    /// What it can do beyond working with its own data; absent when nothing.
    ConnectionPower = Connection."power": OneOf(Power::WORDS),
    /// Scopes of OAuth that it asks for, or that it gives to those who log in by it, and that reach further than a single task.
    ConnectionBroadScopes = Connection."broad_scopes": Texts,
    /// Whether the tokens that it gives out end by themselves.
    ConnectionExpires = Connection."expires": Bool,
    /// What the other side may leave out when it asks for tokens: `proof-key`, `secret`, `approval`, `rotation`, `network`.
    ConnectionSpares = Connection."spares": Texts,

    /// Type of the connector, as the platform names it.
    ConnectorKey = Connector."key": Text,
    /// Its version.
    ConnectorVersion = Connector."version": Text,
    /// Who publishes it.
    ConnectorPublisher = Connector."publisher": OneOf(Publisher::WORDS),
    /// What the policy says of it; absent without a policy that speaks of connectors.
    ConnectorStanding = Connector."standing": OneOf(Standing::WORDS),
    /// The connector that took its place, where its publisher has given it up.
    ConnectorSuccessor = Connector."successor": Text,
    /// Whether it is a part of the platform that only starts, decides or computes, and talks to nothing.
    ConnectorBuiltIn = Connector."built_in": Bool,
    /// Whom or where the policy approves it for, when that is not this app.
    ConnectorRestriction = Connector."restriction": Text,
    /// Whether the policy allows its version; absent where it says nothing.
    ConnectorVersionAllowed = Connector."version_allowed": Bool,
    /// Whether its vendor was reviewed, where the policy asks for that or says when it was.
    ConnectorVendorReview = Connector."vendor_review": OneOf(self::VendorReview::WORDS),
    /// The class of data that the policy puts it with.
    ConnectorGroup = Connector."group": Text,
    /// A connector of another group of the same app, where the platform refuses both together.
    ConnectorMixedWith = Connector."mixed_with": Text,
    /// Whether the app is held at a version whose behaviour its publisher has long corrected in later ones.
    ConnectorOutdated = Connector."outdated": Bool,
    /// What is weak in its definition; each weakness is an element of its own, beside the one that names the connector.
    ConnectorWeakness = Connector."weakness": OneOf(Weakness::WORDS),
    /// Name of the parameter that is weak.
    ConnectorParameter = Connector."parameter": Text,

    /// The address as it stands in the export.
    EndpointUrl = Endpoint."url": Text,
    /// Its scheme, lower case.
    EndpointScheme = Endpoint."scheme": Text,
    /// Its host, lower case, when it stands in the export.
    EndpointHost = Endpoint."host": Text,
    /// Where the host comes from.
    EndpointHostFrom = Endpoint."host_from": SomeOf(Origin::WORDS),
    /// Where it leads.
    EndpointNetwork = Endpoint."network": OneOf(Network::WORDS),
    /// Names of query parameters that carry a credential.
    EndpointSecretQuery = Endpoint."secret_query": Texts,
    /// Whether the request carries a credential.
    EndpointAuthenticated = Endpoint."authenticated": Bool,
    /// Whether it is sent the session of the person who runs it, which opens all that the person may do.
    EndpointGetsSession = Endpoint."gets_session": Bool,
    /// The connector of the platform that is made for its host.
    EndpointConnector = Endpoint."connector": Text,
    /// The environment that its host belongs to, by policy.
    EndpointEnvironment = Endpoint."environment": Text,
    /// Whether that is another environment than the one that the export is for, by policy.
    EndpointForeign = Endpoint."foreign": Bool,
    /// Whether the data policy lets its connector call it; absent where it says nothing.
    EndpointAllowed = Endpoint."allowed": Bool,
    /// The region that its host names.
    EndpointRegion = Endpoint."region": Text,
    /// Where that region lies, by policy.
    EndpointResidency = Endpoint."residency": OneOf(self::Residency::WORDS),
    /// Whether it exists in one environment only: a record by its identifier, an address of the organisation itself.
    EndpointOneEnvironment = Endpoint."one_environment": Bool,

    /// What kind of data source it is.
    DataSourceKind = DataSource."kind": OneOf(self::DataSourceKind::WORDS),
    /// Type of the system, as the platform names it.
    DataSourceConnector = DataSource."connector": Text,
    /// What it is: the table, or the column behind its table and a full stop.
    DataSourceResource = DataSource."resource": Text,
    /// What makes it worth protecting.
    DataSourceSensitive = DataSource."sensitive": OneOf(Sensitivity::WORDS),
    /// Whether reading it needs a right of its own, or it is encrypted.
    DataSourceProtected = DataSource."protected": Bool,
    /// Whether it is recorded who reads or changes it.
    DataSourceAudited = DataSource."audited": Bool,
    /// The class of what is in it, by policy.
    DataSourceClass = DataSource."class": Text,
    /// Whether the policy asks that it is recorded who changes it.
    DataSourceAuditRequired = DataSource."audit_required": Bool,

    /// Who gets the right.
    GrantPrincipalKind = Grant."principal_kind": OneOf(PrincipalKind::WORDS),
    /// Name of the role, group or person.
    GrantPrincipal = Grant."principal": Text,
    /// Whether that name says that it is for administrators.
    GrantForAdmins = Grant."for_admins": Bool,
    /// Whether that name says that it is for those who use an app every day.
    GrantForUsers = Grant."for_users": Bool,
    /// What it allows, as the platform names it.
    GrantAction = Grant."action": Text,
    /// What it allows to do with data.
    GrantVerb = Grant."verb": SomeOf(Verb::WORDS),
    /// What it allows beyond working with data.
    GrantPower = Grant."power": OneOf(RightPower::WORDS),
    /// The table, list, app or site that it is about.
    GrantResource = Grant."resource": Text,
    /// Whether it is taken away again wherever it is handed on in a group.
    GrantMuted = Grant."muted": Bool,
    /// Which records it covers.
    GrantScope = Grant."scope": OneOf(self::Scope::WORDS),
    /// Whether all rights of the same principal are about making apps, using them, or both.
    GrantPlanes = Grant."planes": SomeOf(Plane::WORDS),
    /// All that it allows, where it stands for a whole role: `create account@unit`.
    GrantRights = Grant."rights": Texts,
    /// What the catalogue of the policy says of it; absent where there is none.
    GrantCatalogued = Grant."catalogued": OneOf(self::Catalogued::WORDS),
    /// What of it is not in the catalogue.
    GrantUncatalogued = Grant."uncatalogued": Texts,

    /// Where it stands.
    SecretPlace = Secret."place": OneOf(self::SecretPlace::WORDS),
    /// How it is kept.
    SecretStorage = Secret."storage": OneOf(Storage::WORDS),
    /// Name of the field, header, variable or query parameter.
    SecretField = Secret."field": Text,
    /// What recognised it.
    SecretDetector = Secret."detector": Text,
    /// Its first characters and its length.
    SecretRedacted = Secret."redacted": Text,
    /// What is known of it beyond its shape: the role in a token.
    SecretNote = Secret."note": Text,
    /// How sure it is that this is a secret: `low`, `medium`, `high`.
    SecretConfidence = Secret."confidence": Text,

    /// Name of the setting: `pinned-data`, `save-failed-runs`.
    SettingKey = Setting."key": Text,
    /// Its value.
    SettingValue = Setting."value": Text,
    /// Which of its parts are weaker than the platform's own baseline, as the platform names them.
    SettingBelow = Setting."below": Texts,
    /// What it shows about people.
    SettingPersonalData = Setting."personal_data": SomeOf(PersonalData::WORDS),
    /// Size of its content in the export, in bytes.
    SettingBytes = Setting."bytes": Number,

    /// What kind of component it is.
    ComponentKind = Component."kind": OneOf(self::ComponentKind::WORDS),
    /// Its name, as the platform or its registry has it.
    ComponentPackage = Component."package": Text,
    /// Who publishes it.
    ComponentPublisher = Component."publisher": OneOf(Publisher::WORDS),
    /// What it lets the app do on its machine.
    ComponentCapability = Component."capability": OneOf(Capability::WORDS),
    /// Its version.
    ComponentVersion = Component."version": Text,
    /// What is known against that version, by policy.
    ComponentAdvisory = Component."advisory": Text,

    /// The connector or host that the data is read through.
    FlowFrom = Flow."from": Text,
    /// The connector or host that it goes to.
    FlowTo = Flow."to": Text,
    /// Its class.
    FlowClass = Flow."class": Text,
    /// The highest class that may go there.
    FlowMaxClass = Flow."max_class": Text,
    /// Names of the fields that go there, where the export tells; absent where all may go.
    FlowFields = Flow."fields": Texts,
    /// Whether that is further than the class may go.
    FlowCrosses = Flow."crosses": OneOf(self::Crossing::WORDS),
    /// Whether a language model is on the way: it decides what goes on.
    FlowThroughModel = Flow."through_model": Bool,

    /// The template that locks it.
    TemplatePartTemplate = TemplatePart."template": Text,
    /// The pointer that locks it.
    TemplatePartPointer = TemplatePart."pointer": Text,
    /// How it differs.
    TemplatePartDeviation = TemplatePart."deviation": OneOf(self::Deviation::WORDS),

    /// Whether it reads what people outside can write: chats, requests, mails, web pages.
    AgentUntrustedInput = Agent."untrusted_input": Bool,
    /// Whether it can read data that is not public: mail, files, customers, databases, memory of others.
    AgentPrivateData = Agent."private_data": Bool,
    /// Whether it can send data out by itself, to an address that it chooses.
    AgentOutbound = Agent."outbound": Bool,
    /// Whether a person must agree before it acts.
    AgentConfirm = Agent."confirm": OneOf(Confirm::WORDS),
    /// Whether it has instructions of its own.
    AgentInstructions = Agent."instructions": Bool,
    /// Names of its tools and of private knowledge that it searches; `unknown` where the export leaves out what it has.
    AgentTools = Agent."tools": Texts,
    /// How much its words are checked.
    AgentModeration = Agent."moderation": OneOf(self::Moderation::WORDS),
    /// Whether it also answers from what its model learned, beyond the sources that it was given.
    AgentGeneralKnowledge = Agent."general_knowledge": Bool,

    /// What in it does not hold any more: a day is past.
    PolicyOver = Policy."over": Text,

    // Manifests
    /// What has become of the elevation that gives this right to this principal; absent where none does.
    GrantElevation = Grant."elevation": OneOf(ElevationState::WORDS),
    /// Id of that elevation.
    GrantElevationId = Grant."elevation_id": Text,
    /// When that elevation has ended.
    GrantElevationEnd = Grant."elevation_end": Text,

    /// What the definitions do not have.
    UnknownPart = Unknown."part": OneOf(self::UnknownPart::WORDS),
    /// How it is written.
    UnknownWord = Unknown."word": Text,
    /// The element that it stands in.
    UnknownIn = Unknown."within": Text,
    /// What the definitions have that is written nearly the same.
    UnknownMeant = Unknown."meant": Text,

    /// Who owns the app: a person, or a team.
    ManifestOwner = Manifest."owner": Text,
    /// Who answers for its data.
    ManifestSteward = Manifest."steward": Text,
    /// Who makes it.
    ManifestMaker = Manifest."maker": Text,
    /// The tier of its maker, as the policy names tiers of makers.
    ManifestMakerTier = Manifest."maker_tier": Text,
    /// When the certificate of its maker ends.
    ManifestCertificationEnd = Manifest."certification_end": Text,
    /// Whether that is past.
    ManifestCertificationOver = Manifest."certification_over": Bool,
    /// The class of its data, as declared.
    ManifestClass = Manifest."class": Text,
    /// The risk tier, as declared.
    ManifestTier = Manifest."tier": OneOf(self::Tier::WORDS),
    /// Who uses the app, as declared.
    ManifestAudience = Manifest."audience": OneOf(self::Audience::WORDS),
    /// The environment that it is for.
    ManifestEnvironment = Manifest."environment": Text,
    /// The risk that the app has, as a number; absent where no export of it was judged.
    ManifestRisk = Manifest."risk": Number,
    /// The risk tier that follows from it.
    ManifestComputedTier = Manifest."computed_tier": OneOf(self::Tier::WORDS),
    /// What the risk is made of: each term with its value, the number that it adds, and where it comes from.
    ManifestTerms = Manifest."terms": Texts,
    /// What raises the tier whatever the number is.
    ManifestFloors = Manifest."floors": Texts,
    /// The day by which the manifest has to be looked at again.
    ManifestReview = Manifest."review_by": Text,
    /// Whether that is past.
    ManifestOverdue = Manifest."overdue": Bool,
    /// What is wrong with what it says; each thing is an element of its own.
    ManifestGap = Manifest."gap": OneOf(self::ManifestGap::WORDS),
    /// What an app of its tier must say and this one does not: `owner`, `links.runbook`.
    ManifestMissing = Manifest."missing": Texts,
    /// What a change must say and this one does not: `change.ticket`.
    ManifestChangeMissing = Manifest."change_missing": Texts,
    /// What it says too low of; each thing is an element of its own.
    ManifestUnderstated = Manifest."understated": OneOf(self::Understated::WORDS),
    /// What that is declared as.
    ManifestDeclared = Manifest."declared": Text,
    /// What it is at least, as the export shows.
    ManifestComputed = Manifest."computed": Text,
    /// What weighs most in that.
    ManifestBecause = Manifest."because": Text,
    /// Where that is seen.
    ManifestShownBy = Manifest."shown_by": Text,

    /// Who has asked for it.
    ElevationRequester = Elevation."requester": Text,
    /// The role that it is about.
    ElevationPrincipal = Elevation."principal": Text,
    /// What it allows.
    ElevationAction = Elevation."action": Text,
    /// The table, list, app or site that it is about.
    ElevationResource = Elevation."resource": Text,
    /// When it was granted.
    ElevationStart = Elevation."start": Text,
    /// When it ends.
    ElevationEnd = Elevation."end": Text,
    /// Why it is needed.
    ElevationJustification = Elevation."justification": Text,
    /// Who has approved it, each with the function: `bo (security)`.
    ElevationApprovers = Elevation."approvers": Texts,
    /// How far it is, as declared.
    ElevationStatus = Elevation."status": OneOf(ElevationState::WORDS),
    /// How far it is.
    ElevationState = Elevation."state": OneOf(self::ElevationState::WORDS),
    /// What is wrong with it; each thing is an element of its own.
    ElevationDefect = Elevation."defect": OneOf(self::ElevationDefect::WORDS),
    /// What would be right: the longest time, the functions that are missing.
    ElevationExpected = Elevation."expected": Text,

    /// The function that approves.
    SignOffFunction = SignOff."function": Text,
    /// Who approves.
    SignOffBy = SignOff."by": Text,
    /// When.
    SignOffOn = SignOff."on": Text,
    /// What was decided, as declared: `approve`, `reject`.
    SignOffDecision = SignOff."decision": Text,
    /// The content that was decided about.
    SignOffDigest = SignOff."digest": Text,

    /// What it is.
    CapabilityKind = Capability."kind": OneOf(MakerCapability::WORDS),
    /// Whether the policy lets makers of that tier use it.
    CapabilityAllowed = Capability."allowed": Bool,
    /// Who makes the app, by its manifest.
    CapabilityMaker = Capability."maker": Text,
    /// The tier of that maker.
    CapabilityMakerTier = Capability."maker_tier": Text,

    // Waivers, sign-offs, promotions
    /// The rule whose finding is waived.
    WaiverRule = Waiver."rule": Text,
    /// The app that it is about, as it writes it.
    WaiverApp = Waiver."app": Text,
    /// The fingerprint of the finding.
    WaiverFingerprint = Waiver."fingerprint": Text,
    /// What kind of decision it is: `false-positive`, `risk-accepted`, `compensating-control`.
    WaiverCategory = Waiver."category": Text,
    /// Who answers for it.
    WaiverOwner = Waiver."owner": Text,
    /// Who has approved it, each with the function: `bo (security)`.
    WaiverApprovers = Waiver."approvers": Texts,
    /// Its last day, as it writes it.
    WaiverExpires = Waiver."expires": Text,
    /// How often it was prolonged.
    WaiverRenewal = Waiver."renewal": Number,
    /// Whether it holds: only then are findings marked as waived.
    WaiverHolds = Waiver."holds": Bool,
    /// What is wrong with it; each thing is an element of its own.
    WaiverProblem = Waiver."problem": OneOf(self::WaiverProblem::WORDS),
    /// What exactly: the function that is wanted, the most days, why an approver cannot be one.
    WaiverDetail = Waiver."detail": Text,

    /// Whether it counts for the content at hand.
    SignOffCounts = SignOff."counts": Bool,
    /// How sure it is that this person has approved: `self-asserted`, `base-branch`, `forge-review`, `signed`.
    SignOffAssurance = SignOff."assurance": Text,
    /// Why it does not count.
    SignOffProblem = SignOff."problem": OneOf(self::SignOffProblem::WORDS),
    /// That in words, behind the name of the person.
    SignOffReason = SignOff."reason": Text,

    /// The environment that the app is to go to.
    PromotionTo = Promotion."to": Text,
    /// The environment that it is in.
    PromotionFrom = Promotion."from": Text,
    /// The risk tier whose gate it has to pass.
    PromotionTier = Promotion."tier": OneOf(self::Tier::WORDS),
    /// What it lacks; each thing is an element of its own.
    PromotionLacks = Promotion."lacks": OneOf(self::PromotionLack::WORDS),
    /// The function that has to sign off.
    PromotionFunction = Promotion."function": Text,
    /// Who promotes it.
    PromotionActor = Promotion."actor": Text,
    /// How sure a sign-off has to be.
    PromotionAssurance = Promotion."assurance": Text,
    /// What exactly is missing, and why what is there does not do.
    PromotionDetail = Promotion."detail": Text,

    /// What has changed.
    DeltaKind = Delta."kind": OneOf(self::DeltaKind::WORDS),
    /// How.
    DeltaOp = Delta."op": OneOf(self::DeltaOp::WORDS),
    /// What it means, as a sentence without its subject, which is the app or the file.
    DeltaSays = Delta."says": Text,
    /// How many changes there are of what the policy counts.
    DeltaCount = Delta."count": Number,
    /// How many of them the policy allows.
    DeltaMost = Delta."most": Number,
    /// The functions that must agree to it, by policy.
    DeltaNeeds = Delta."needs": Texts,
    /// Those of them that have not.
    DeltaMissing = Delta."missing": Texts,
    /// Whether all of them have agreed.
    DeltaApproved = Delta."approved": Bool,
    /// What it would weaken of the gate.
    DeltaWeakens = Delta."weakens": OneOf(Weakened::WORDS),
}

impl Kind {
    /// The kind that rules call `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// The facts that elements of this kind may have.
    pub fn facts(self) -> impl Iterator<Item = Fact> {
        Fact::ALL.iter().copied().filter(move |fact| fact.kind() == self)
    }
}

impl Fact {
    /// The fact of `kind` that rules call `name`.
    #[must_use]
    pub fn named(kind: Kind, name: &str) -> Option<Self> {
        kind.facts().find(|fact| fact.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_identifiers_and_unique_within_their_kind() {
        let identifier = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        assert!(Kind::ALL.iter().all(|kind| identifier(kind.name())));
        let facts: BTreeSet<_> = Fact::ALL.iter().map(|fact| (fact.kind(), fact.name())).collect();
        assert_eq!(facts.len(), Fact::ALL.len());
        assert!(Fact::ALL.iter().all(|fact| identifier(fact.name()) && fact.doc().trim().ends_with('.')));
    }
}
