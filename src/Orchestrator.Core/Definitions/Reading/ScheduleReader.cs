using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Schedules.Rules;
using Orchestrator.Core.Schedules.Zones;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads `schedules`.</summary>
internal static class ScheduleReader
{
    public static ImmutableArray<ScheduleDefinition> Read(Fields workflow, ImmutableArray<ParameterDefinition> parameters, Draft draft)
    {
        var schedules = ImmutableArray.CreateBuilder<ScheduleDefinition>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in workflow.Items("schedules", "a list of schedules"))
        {
            if (item is not SourceMap map)
            {
                draft.Problems.Add(ProblemCodes.WrongType, item.Span, $"A schedule must be a map, not {item.Found}.", "Write `- {id: nightly, cron: \"0 2 * * *\"}`.");
                continue;
            }
            if (One(map, parameters, draft) is not { } schedule) continue;
            if (!ids.Add(schedule.Id))
                draft.Problems.Add(ProblemCodes.DuplicateName, map.Find("id")!.Span, $"Schedule '{schedule.Id}' is declared twice.", "Give one of them another id.");
            schedules.Add(schedule);
        }
        return schedules.ToImmutable();
    }

    private static ScheduleDefinition? One(SourceMap map, ImmutableArray<ParameterDefinition> parameters, Draft draft)
    {
        var fields = new Fields(map, Vocabulary.Schedule, "a schedule", draft.Problems);
        var id = fields.Required("id");
        if (id is not null && !Names.IsName(id))
            draft.Problems.Add(ProblemCodes.BadValue, fields.At("id"), $"`{SourceScalar.Shorten(id)}` is not a schedule id.", Names.NameRule);
        // The other kinds of rule are reported as not available: then cron is not missed as well.
        var cron = fields.Has("cron") || !(fields.Has("every") || fields.Has("at") || fields.Has("rrule")) ? fields.Required("cron") : null;
        if (cron is not null && !CronRule.TryParse(cron, out _, out var wrong))
            draft.Problems.Add(ProblemCodes.BadSchedule, fields.At("cron"), wrong);
        var zone = fields.Text("timezone");
        if (zone is not null && !ScheduleZone.TryFind(zone, out _, out wrong))
            draft.Problems.Add(ProblemCodes.BadSchedule, fields.At("timezone"), wrong);
        var schedule = new ScheduleDefinition
        {
            Id = id ?? "",
            Cron = cron?.Trim() ?? "",
            Timezone = zone ?? "UTC",
            Enabled = fields.Flag("enabled") ?? true,
            Params = Params(fields, parameters, draft),
        };
        return id is null || cron is null ? null : schedule;
    }

    private static ImmutableSortedDictionary<string, JsonElement> Params(Fields fields, ImmutableArray<ParameterDefinition> parameters, Draft draft)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var entry in fields.Entries("params"))
        {
            if (parameters.FirstOrDefault(p => p.Name == entry.Key) is not { } parameter)
                draft.Problems.Add(ProblemCodes.UnknownParameter, entry.At, $"The workflow declares no parameter '{SourceScalar.Shorten(entry.Key)}'.",
                    Suggest.DidYouMean(entry.Key, parameters.Select(p => p.Name)) is { Length: > 0 } guess ? guess : "Declare it under `params:`.");
            else if (ParameterValues.Of(parameter, entry.Value, out var expected) is { } value)
                values[entry.Key] = value;
            else
                draft.Problems.Add(ProblemCodes.BadValue, entry.Value.Span, $"Parameter '{entry.Key}' must be {expected}, not {entry.Value.Found}.");
        }
        return values.ToImmutable();
    }
}
