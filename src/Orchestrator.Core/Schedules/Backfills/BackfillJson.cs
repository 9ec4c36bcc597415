using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Core.Schedules.Backfills;

/// <summary>A backfill as JSON: what lists, the API and verbs print.</summary>
public static class BackfillJson
{
    /// <summary>Writes the members of a row: what it is and how far it has come.</summary>
    public static void WriteRow(Utf8JsonWriter w, BackfillState state)
    {
        var created = state.Created!;
        w.WriteString("backfill_id", created.BackfillId);
        w.WriteString("workflow", created.Workflow);
        w.WriteString("schedule_id", created.ScheduleId);
        w.WriteString("param", created.Param);
        w.WriteString("status", Words.Of(state.Status));
        w.WriteString("from", created.From);
        w.WriteString("to", created.To);
        w.WriteString("order", Words.Of(created.Order));
        w.WriteNumber("parallelism", created.Parallelism);
        w.WriteString("created_at", Instant(state.CreatedAt));
        w.WriteString("requested_by", created.Actor);
        w.WriteString("reason", created.Reason);
        if (state.FinishedAt is { } end) w.WriteString("finished_at", Instant(end));
        else w.WriteNull("finished_at");
        w.WriteString("cancelled_by", state.Cancel?.Actor);
        w.WriteString("cancel_reason", state.Cancel?.Reason);
        w.WriteStartObject("items");
        w.WriteNumber("total", state.Items.Length);
        foreach (var word in Words.All<BackfillOutcome>())
            if (Words.TryParse<BackfillOutcome>(word, out var outcome)) w.WriteNumber(word, state.CountOf(outcome));
        w.WriteNumber("open", state.Open.Count);
        w.WriteNumber("not_started", state.NotStarted);
        w.WriteEndObject();
    }

    /// <summary>Writes the members of all there is to know of it: its row, what its runs have in common, its items.</summary>
    public static void WriteFull(Utf8JsonWriter w, BackfillState state)
    {
        WriteRow(w, state);
        var created = state.Created!;
        if (created.StepDays is { } step) w.WriteNumber("step_days", step);
        else w.WriteNull("step_days");
        w.WriteString("definition_version", created.DefinitionVersion);
        w.WriteString("correlation_id", created.CorrelationId ?? created.BackfillId);
        w.WriteStartObject("params");
        foreach (var (name, value) in created.Params)
        {
            w.WritePropertyName(name);
            value.WriteTo(w);
        }
        w.WriteEndObject();
        w.WriteStartArray("runs");
        for (var number = 1; number <= state.Items.Length; number++) WriteItem(w, state, number);
        w.WriteEndArray();
    }

    /// <summary>The state of an item in a word.</summary>
    public static string StatusOf(BackfillState state, int number) =>
        state.Ended.TryGetValue(number, out var ended) ? Words.Of(ended.Outcome)
        : state.Open.TryGetValue(number, out var open) ? open.IsAccepted ? "running" : "starting"
        : state.Status is BackfillStatus.Running ? "waiting" : "not_started";

    private static void WriteItem(Utf8JsonWriter w, BackfillState state, int number)
    {
        var (key, ended, open) = (state.Items[number - 1], state.Ended.GetValueOrDefault(number), state.Open.GetValueOrDefault(number));
        w.WriteStartObject();
        w.WriteNumber("item", number);
        w.WriteString("key", key);
        w.WriteString("status", StatusOf(state, number));
        w.WriteString("run_id", (ended?.RunId ?? open?.RunId)?.ToString());
        w.WriteString("last_run_id", ended?.LastRunId?.ToString());
        w.WriteString("error", ended?.Error);
        w.WriteEndObject();
    }

    private static string Instant(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
