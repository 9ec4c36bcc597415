using System.Text.Json.Nodes;
using Orchestrator.Core.Definitions.Reading;
using static Orchestrator.Core.Definitions.Schema.SchemaTypes;

namespace Orchestrator.Core.Definitions.Schema;

/// <summary>The schema of triggers.</summary>
internal static class TriggerSchema
{
    public static JsonObject Trigger()
    {
        var trigger = Map("What starts runs other than due times.", ["id"],
            new("id", "Unique within the workflow.", Name()),
            new("http", "Requests to POST /api/v1/triggers/WORKFLOW/ID.", Ref("http_trigger")),
            new("workflow", "The end of another workflow's runs: its name, or a map.", AnyOf(Name(), Ref("workflow_trigger"))),
            new("event", "Events of this program, and those posted to POST /api/v1/events: a pattern of the type, or a map.", AnyOf(Text(), Ref("event_trigger"))),
            new("files", "Files that arrive: a path with *, ? and **, relative to the definition's folder, or a map.", AnyOf(Text(), Ref("files_trigger"))),
            new("delivery_id", "Identifies a delivery, so that a repeated one is recognised; may hold expressions over trigger. Default: by its kind.", Text()),
            new("debounce", "The last delivery of a burst starts the run, once no other has arrived for this long.", AnyOf(Duration(), Ref("debounce"))),
            new("batch", "Several deliveries start one run.", Ref("batch")),
            new("enabled", "Whether it starts runs.", Flag()),
            new("params", "Parameter values of its runs; texts may hold expressions over trigger.", MapOf(Any())));
        trigger["oneOf"] = ExactlyOne(Vocabulary.TriggerKinds);
        return trigger;
    }

    public static JsonObject Workflow() => Map("The end of another workflow's runs.", ["name"],
        new("name", "The other workflow.", Name()),
        new SchemaKey("status", "Which ends: completed, failed, cancelled. Default completed.", OneOrMore(() => new() { ["enum"] = new JsonArray("completed", "failed", "cancelled") })));

    public static JsonObject Event() => Map("Events. In patterns, * is any text and ? one character.", ["type"],
        new("type", "Pattern of the type; several: one must fit.", OneOrMore(Text)),
        new SchemaKey("source", "Pattern of the source, such as orchestrator.WORKFLOW. Default: any.", Text()),
        new SchemaKey("subject", "Pattern of the subject. Default: any, or none.", Text()));

    public static JsonObject Files() => Map("Files that arrive.", ["path"],
        new("path", "Relative to the definition's folder; * and ? are within a name, ** is any folders.", Text()),
        new SchemaKey("stable", "A file counts once its size and time have not changed for this long. Default 10s.", Duration()),
        new SchemaKey("once_per", "What starts one run: each file by path, size and time (file), or each content by its SHA-256 (content). Default file.", Word<FileIdentity>()),
        new SchemaKey("interval", "Time between two scans. Default 5s.", Duration()),
        new SchemaKey("existing", "Whether files that exist at the trigger's first scan count too. Default false.", Flag()));

    public static JsonObject Debounce() => Map("The last delivery of a burst starts the run.", ["quiet"],
        new("quiet", "How long no other delivery may have arrived.", Duration()),
        new SchemaKey("longest", "Longest time that a burst can delay its run.", Duration()));

    public static JsonObject Batch() => Map("Several deliveries start one run.", ["max", "within"],
        new("max", "At most this many.", Whole(2, TriggerReader.MaxBatch)),
        new SchemaKey("within", "Longest wait of the first delivery.", Duration()));

    public static JsonObject Http() => Map("Requests that start runs.", ["secret"],
        new("auth", "How a request is authenticated: a signature of time and body (hmac), of the body as by GitHub, of both as by Stripe, or a token. Default hmac.", Word<TriggerAuth>()),
        new("secret", "Name of a declared secret.", Text()),
        new("header", "Header with the token (default Authorization, Bearer) or with the signature of the body (default X-Hub-Signature-256).", Text()),
        new("window", "How far a signed time may be from now. Default 5m.", Duration()),
        new("max_body", "Most bytes of a body. Default 1MiB.", Size()),
        new("rate", "Requests per second. Default 10.", Number(0.001, 10_000)),
        new("burst", "Most requests at once. Default 20.", Whole(1, TriggerReader.MaxBurst)));
}
