using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Definitions;

/// <summary>The part of the normal form that is about triggers, written and read.</summary>
internal static class TriggerForm
{
    private static readonly TriggerDefinition s_trigger = new() { Id = "" };
    private static readonly FilesTrigger s_files = new() { Path = "" };
    private static readonly HttpTrigger s_http = new() { Secret = "" };

    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<TriggerDefinition> triggers)
    {
        json.WriteStartArray(name);
        foreach (var trigger in triggers) Write(json, trigger);
        json.WriteEndArray();
    }

    public static TriggerDefinition Read(JsonElement form) => new()
    {
        Id = form.AsForm().Must("id").AsText(),
        Http = form.Has("http"u8, out var http) ? Http(http) : null,
        Workflow = form.Has("workflow"u8, out var workflow) ? new() { Name = workflow.AsForm().Must("name").AsText(), Status = workflow.List("status"u8, s => s.AsWord<RunStatus>()) } : null,
        Event = form.Has("event"u8, out var e) ? Event(e) : null,
        Files = form.Has("files"u8, out var files) ? Files(files) : null,
        DeliveryId = form.Text("delivery_id"u8),
        Enabled = form.Flag("enabled"u8) ?? s_trigger.Enabled,
        Params = form.Values("params"u8),
        Debounce = form.Has("debounce"u8, out var debounce) ? new(debounce.AsForm().Duration("quiet"u8) ?? default) { Longest = debounce.Duration("longest"u8) } : null,
        Batch = form.Has("batch"u8, out var batch) ? new(batch.AsForm().Whole("max"u8) ?? default, batch.Duration("within"u8) ?? default) : null,
    };

    private static void Write(Utf8JsonWriter json, TriggerDefinition trigger)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, trigger.Id);
        if (trigger.Http is { } http) Http(json, http);
        if (trigger.Workflow is { } workflow)
        {
            json.WriteStartObject("workflow"u8);
            json.WriteString("name"u8, workflow.Name);
            if (!workflow.Status.IsDefaultOrEmpty)
            {
                json.WriteStartArray("status"u8);
                foreach (var status in workflow.Status) json.WriteStringValue(Words.Of(status));
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        if (trigger.Event is { } e)
        {
            json.WriteStartObject("event"u8);
            json.WriteStartArray("type"u8);
            foreach (var type in e.Type) json.WriteStringValue(type);
            json.WriteEndArray();
            json.TextIfAny("source"u8, e.Source);
            json.TextIfAny("subject"u8, e.Subject);
            json.WriteEndObject();
        }
        if (trigger.Files is { } files) Files(json, files);
        json.TextIfAny("delivery_id"u8, trigger.DeliveryId);
        if (!trigger.Enabled) json.WriteBoolean("enabled"u8, false);
        if (!trigger.Params.IsEmpty) json.Values("params"u8, trigger.Params);
        if (trigger.Debounce is { } debounce)
        {
            json.WriteStartObject("debounce"u8);
            json.Duration("quiet"u8, debounce.Quiet);
            json.Duration("longest"u8, debounce.Longest);
            json.WriteEndObject();
        }
        if (trigger.Batch is { } batch)
        {
            json.WriteStartObject("batch"u8);
            json.WriteNumber("max"u8, batch.Max);
            json.Duration("within"u8, batch.Within);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void Http(Utf8JsonWriter json, HttpTrigger http)
    {
        json.WriteStartObject("http"u8);
        if (http.Auth != default) json.WriteString("auth"u8, Words.Of(http.Auth));
        json.WriteString("secret"u8, http.Secret);
        json.TextIfAny("header"u8, http.Header);
        if (http.Window != s_http.Window) json.Duration("window"u8, http.Window);
        if (http.MaxBody != s_http.MaxBody) json.WriteNumber("max_body"u8, http.MaxBody);
        if (http.Rate != s_http.Rate) json.WriteNumber("rate"u8, http.Rate);
        if (http.Burst != s_http.Burst) json.WriteNumber("burst"u8, http.Burst);
        json.WriteEndObject();
    }

    private static void Files(Utf8JsonWriter json, FilesTrigger files)
    {
        json.WriteStartObject("files"u8);
        json.WriteString("path"u8, files.Path);
        if (files.Stable != s_files.Stable) json.Duration("stable"u8, files.Stable);
        if (files.OncePer != default) json.WriteString("once_per"u8, Words.Of(files.OncePer));
        if (files.Interval != s_files.Interval) json.Duration("interval"u8, files.Interval);
        if (files.Existing) json.WriteBoolean("existing"u8, true);
        json.WriteEndObject();
    }

    private static FilesTrigger Files(JsonElement form) => new()
    {
        Path = form.AsForm().Must("path").AsText(),
        Stable = form.Duration("stable"u8) ?? s_files.Stable,
        OncePer = form.Word<FileIdentity>("once_per"u8) ?? default,
        Interval = form.Duration("interval"u8) ?? s_files.Interval,
        Existing = form.Flag("existing"u8) ?? false,
    };

    private static EventTrigger Event(JsonElement form)
    {
        form.AsForm().Must("type");
        return new() { Type = form.Texts("type"u8), Source = form.Text("source"u8), Subject = form.Text("subject"u8) };
    }

    private static HttpTrigger Http(JsonElement form) => new()
    {
        Auth = form.AsForm().Word<TriggerAuth>("auth"u8) ?? default,
        Secret = form.Must("secret").AsText(),
        Header = form.Text("header"u8),
        Window = form.Duration("window"u8) ?? s_http.Window,
        MaxBody = form.Long("max_body"u8) ?? s_http.MaxBody,
        Rate = form.Number("rate"u8) ?? s_http.Rate,
        Burst = form.Whole("burst"u8) ?? s_http.Burst,
    };
}
