using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Triggers.Files;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads `triggers`.</summary>
internal sealed class TriggerReader(ImmutableArray<ParameterDefinition> parameters, IEnumerable<string> secrets, Draft draft)
{
    public const int MaxTriggers = 100;
    public const int MaxBurst = 10_000;
    public const long MaxBody = 16 << 20;
    public const int MaxBatch = 1000;
    public const int MaxTypes = 50;
    public static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(100);
    public static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);
    public static readonly TimeSpan LongestWindow = TimeSpan.FromDays(1);

    public ImmutableArray<TriggerDefinition> Read(Fields workflow)
    {
        var triggers = ImmutableArray.CreateBuilder<TriggerDefinition>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var items = workflow.Items("triggers", "a list of triggers");
        if (items.Count > MaxTriggers) draft.Problems.Add(ProblemCodes.TooLarge, items[MaxTriggers].Span, $"`triggers` has {items.Count} entries; {MaxTriggers} are allowed.", "Split the workflow.");
        foreach (var item in items.Take(MaxTriggers))
        {
            if (item is not SourceMap map)
            {
                draft.Problems.Add(ProblemCodes.WrongType, item.Span, $"A trigger must be a map, not {item.Found}.", "Write `- {id: pushed, http: {secret: HOOK_SECRET}}`.");
                continue;
            }
            if (One(map, (workflow["name"] as SourceScalar)?.Text) is not { } trigger) continue;
            if (!ids.Add(trigger.Id)) draft.Problems.Add(ProblemCodes.DuplicateName, map.Find("id")!.Span, $"Trigger '{trigger.Id}' is declared twice.", "Give one of them another id.");
            triggers.Add(trigger);
        }
        return triggers.ToImmutable();
    }

    private TriggerDefinition? One(SourceMap map, string? workflow)
    {
        var fields = new Fields(map, Vocabulary.Trigger, "a trigger", draft.Problems);
        var id = fields.Required("id");
        if (id is not null && !Names.IsName(id)) draft.Problems.Add(ProblemCodes.BadValue, fields.At("id"), $"`{SourceScalar.Shorten(id)}` is not a trigger id.", Names.NameRule);
        var kind = fields.OnlyOne(Vocabulary.TriggerKinds, "A trigger does not say what starts a run.");
        var trigger = new TriggerDefinition
        {
            Id = id ?? "",
            Http = kind == "http" ? Http(fields) : null,
            Workflow = kind == "workflow" ? Workflow(fields, workflow) : null,
            Event = kind == "event" ? Event(fields) : null,
            Files = kind == "files" ? Files(fields) : null,
            DeliveryId = draft.Template(fields, "delivery_id", ExpressionPlace.Trigger, -1),
            Enabled = fields.Flag("enabled") ?? true,
            Params = Params(fields),
            Debounce = Debounce(fields),
            Batch = Batch(fields),
        };
        if (trigger is { Debounce: not null, Batch: not null })
            draft.Problems.Add(ProblemCodes.Conflict, fields.At("batch"), $"Trigger '{trigger.Id}' has both `debounce` and `batch`.", "Keep one of them.");
        Required(fields, trigger);
        return id is null || kind is null ? null : trigger;
    }

    private WorkflowTrigger? Workflow(Fields trigger, string? own)
    {
        var fields = trigger["workflow"] is SourceScalar ? null : trigger.Map("workflow", Vocabulary.WorkflowTrigger, "a workflow's name or a map such as {name: load, status: [completed, failed]}");
        var (name, at) = fields is null ? (trigger["workflow"] is SourceScalar ? trigger.Required("workflow") : null, trigger.At("workflow")) : (fields.Required("name"), fields.At("name"));
        if (name is null) return null;
        if (!Names.IsName(name)) draft.Problems.Add(ProblemCodes.BadValue, at, $"`{SourceScalar.Shorten(name)}` is not a workflow name.", Names.NameRule);
        else if (name == own) draft.Problems.Add(ProblemCodes.Conflict, at, "A workflow cannot be started by its own end: it would restart endlessly.", "Name another workflow, or use `retry`.");
        return new() { Name = name, Status = [.. (fields?.Texts("status", orSingle: true) ?? []).Select(t => Ended(fields!, t)).OfType<RunStatus>().Distinct()] };
    }

    private RunStatus? Ended(Fields fields, SourceScalar text)
    {
        var status = fields.WordOf<RunStatus>(text, "status");
        if (status is null or RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled) return status;
        draft.Problems.Add(ProblemCodes.BadValue, text.Span, $"`status` is {text.Found}, which is not an end status.", "Use completed, failed or cancelled.");
        return null;
    }

    private EventTrigger? Event(Fields trigger)
    {
        var fields = trigger["event"] is SourceScalar ? null : trigger.Map("event", Vocabulary.EventTrigger, "a type's pattern or a map such as {type: com.acme.order.*, source: /shop}");
        if (fields is null && trigger["event"] is not SourceScalar) return null;
        if (fields is not null && !fields.Has("type")) fields.Required("type");
        var types = fields is null ? trigger.Texts("event", orSingle: true).ToList() : [.. fields.Texts("type", orSingle: true)];
        if (types.Count > MaxTypes) draft.Problems.Add(ProblemCodes.TooLarge, types[MaxTypes].Span, $"`type` has {types.Count} patterns; {MaxTypes} are allowed.", "Use `*`, or several triggers.");
        foreach (var type in types.Where(t => Pattern(t.Text, fields is null ? "event" : "type", t.Span) && t.Text.StartsWith("trigger.", StringComparison.Ordinal)))
            draft.Problems.Add(ProblemCodes.Conflict, type.Span, $"`{SourceScalar.Shorten(type.Text)}` matches events of triggers, which cannot start runs: triggers would start each other endlessly.", "Use `Webhooks:Endpoints` to receive them.");
        var (source, subject) = (fields?.Text("source"), fields?.Text("subject"));
        if (source is not null) Pattern(source, "source", fields!.At("source"));
        if (subject is not null) Pattern(subject, "subject", fields!.At("subject"));
        return new() { Type = [.. types.Select(t => t.Text)], Source = source, Subject = subject };
    }

    private bool Pattern(string text, string key, SourceSpan at)
    {
        if (text.Length is > 0 and <= Wildcard.MaxLength && !text.Any(c => char.IsWhiteSpace(c) || HiddenCharacters.Contains(c))) return true;
        draft.Problems.Add(ProblemCodes.BadValue, at, $"`{key}` is `{SourceScalar.Shorten(text)}`, which is not a pattern.", $"Use 1 to {Wildcard.MaxLength} characters without spaces; `*` is any text, `?` one character.");
        return false;
    }

    private FilesTrigger? Files(Fields trigger)
    {
        var fields = trigger["files"] is SourceScalar ? null : trigger.Map("files", Vocabulary.FilesTrigger, "a path or a map such as {path: inbox/*.csv, stable: 10s}");
        var (path, at) = fields is not null ? (fields.Required("path"), fields.At("path")) : (trigger["files"] is SourceScalar ? trigger.Required("files") : null, trigger.At("files"));
        if (path is null) return null;
        if (PathPattern.Read(path, out var problem) is null)
            draft.Problems.Add(ProblemCodes.BadValue, at, $"`{SourceScalar.Shorten(path)}` cannot be watched: {problem}", "Write a path such as inbox/*.csv or /srv/inbox/**/*.csv.");
        var files = new FilesTrigger { Path = path };
        return fields is null ? files : files with
        {
            Stable = fields.Duration("stable", TimeSpan.Zero, LongestWait) ?? files.Stable,
            OncePer = fields.Word<FileIdentity>("once_per") ?? default,
            Interval = fields.Duration("interval", ShortestWait, LongestWait) ?? files.Interval,
            Existing = fields.Flag("existing") ?? false,
        };
    }

    private HttpTrigger? Http(Fields trigger)
    {
        if (trigger.Map("http", Vocabulary.HttpTrigger, "a map such as {auth: github, secret: HOOK_SECRET}") is not { } fields) return null;
        var (auth, secret, header) = (fields.Word<TriggerAuth>("auth") ?? default, fields.Required("secret"), fields.Text("header"));
        if (secret is not null && !secrets.Contains(secret, StringComparer.Ordinal))
            draft.Problems.Add(ProblemCodes.UnknownReference, fields.At("secret"), $"`secret` names '{SourceScalar.Shorten(secret)}', which the workflow does not declare.",
                Suggest.DidYouMean(secret, secrets) is { Length: > 0 } guess ? guess : "Declare it under `secrets:` as {file: ...} or {env: NAME}.");
        if (header is not null && (header.Length == 0 || !header.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
            draft.Problems.Add(ProblemCodes.BadValue, fields.At("header"), $"`header` is `{SourceScalar.Shorten(header)}`, which cannot be a header.", "Use letters, digits, '-' and '_'.");
        if (header is not null && auth is (TriggerAuth.Hmac or TriggerAuth.Stripe))
            draft.Problems.Add(ProblemCodes.Conflict, fields.At("header"), $"`header` has no meaning for {Words.Of(auth)}: its headers are part of the style.", "Remove it, or use `auth: github` for a signature of the body alone.");
        if (fields.Has("window") && auth is (TriggerAuth.Github or TriggerAuth.Token))
            draft.Problems.Add(ProblemCodes.Conflict, fields.At("window"), $"`window` has no meaning for {Words.Of(auth)}: no time is signed.", "Remove it.");
        var http = new HttpTrigger { Secret = secret ?? "" };
        return http with
        {
            Auth = auth,
            Header = header,
            Window = fields.Duration("window", TimeSpan.FromSeconds(1), LongestWindow) ?? http.Window,
            MaxBody = fields.Size("max_body", 1, MaxBody) ?? http.MaxBody,
            Rate = fields.Number("rate", 0.001, 10_000) ?? http.Rate,
            Burst = fields.Whole("burst", 1, MaxBurst) ?? http.Burst,
        };
    }

    private static DebounceDefinition? Debounce(Fields trigger)
    {
        if (!trigger.Has("debounce")) return null;
        if (trigger["debounce"] is SourceScalar) return trigger.Duration("debounce", ShortestWait, LongestWait) is { } time ? new(time) : null;
        if (trigger.Map("debounce", Vocabulary.Debounce, "a duration or a map such as {quiet: 5s, longest: 1m}") is not { } fields) return null;
        if (!fields.Has("quiet")) fields.Required("quiet");
        var (quiet, longest) = (fields.Duration("quiet", ShortestWait, LongestWait), fields.Duration("longest", ShortestWait, LongestWait));
        if (longest < quiet) fields.Problems.Add(ProblemCodes.Conflict, fields.At("longest"), "`longest` is shorter than `quiet`.", "Make it longer, or remove it.");
        return quiet is { } wait ? new(wait) { Longest = longest } : null;
    }

    private static BatchDefinition? Batch(Fields trigger)
    {
        if (!trigger.Has("batch") || trigger.Map("batch", Vocabulary.Batch, "a map such as {max: 100, within: 10s}") is not { } fields) return null;
        foreach (var key in (string[])["max", "within"])
            if (!fields.Has(key)) fields.Required(key);
        return fields.Whole("max", 2, MaxBatch) is { } max && fields.Duration("within", ShortestWait, LongestWait) is { } within ? new(max, within) : null;
    }

    private ImmutableSortedDictionary<string, JsonElement> Params(Fields fields)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var entry in fields.Entries("params"))
        {
            if (parameters.FirstOrDefault(p => p.Name == entry.Key) is not { } parameter)
                draft.Problems.Add(ProblemCodes.UnknownParameter, entry.At, $"The workflow declares no parameter '{SourceScalar.Shorten(entry.Key)}'.",
                    Suggest.DidYouMean(entry.Key, parameters.Select(p => p.Name)) is { Length: > 0 } guess ? guess : "Declare it under `params:`.");
            else if (HasHoles(entry.Value))
            {
                draft.Templates(entry.Value, ExpressionPlace.Trigger, -1);
                values[entry.Key] = Json.Of(entry.Value);
            }
            else if (ParameterValues.Of(parameter, entry.Value, out var expected) is { } value) values[entry.Key] = value;
            else draft.Problems.Add(ProblemCodes.BadValue, entry.Value.Span, $"Parameter '{entry.Key}' must be {expected}, not {entry.Value.Found}.");
        }
        return values.ToImmutable();
    }

    // A delivery cannot be asked for what is missing: every one would be refused.
    private void Required(Fields fields, TriggerDefinition trigger)
    {
        foreach (var parameter in parameters)
            if (parameter.Required && parameter.Type != ParameterType.Secret && !fields.Entries("params").Any(e => e.Key == parameter.Name))
                draft.Problems.Add(ProblemCodes.MissingKey, fields.At("params"), $"Trigger '{trigger.Id}' gives no value for parameter '{parameter.Name}', which is required.",
                    $"Add it under `params:`, as in {{{parameter.Name}: \"${{{{ trigger.body.{parameter.Name} }}}}\"}}.");
    }

    private static bool HasHoles(SourceNode node) => node switch
    {
        SourceScalar scalar => scalar.Text.Contains("${{", StringComparison.Ordinal),
        SourceList list => list.Items.Any(HasHoles),
        SourceMap map => map.Entries.Any(e => HasHoles(e.Value)),
        _ => false,
    };
}
