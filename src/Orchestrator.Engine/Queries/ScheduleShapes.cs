using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Engine.Queries;

/// <summary>How answers about schedules are written: snake_case, members without a value as null, instants in UTC with microseconds.</summary>
[JsonSourceGenerationOptions(
    MaxDepth = JsonBounds.MaxStoredDepth, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.Never, Converters = [typeof(InstantJson)])]
[JsonSerializable(typeof(SchedulePage))]
[JsonSerializable(typeof(ScheduleRow))]
[JsonSerializable(typeof(DueRow))]
[JsonSerializable(typeof(HistoryRow))]
[JsonSerializable(typeof(AllSchedulesRow))]
[JsonSerializable(typeof(ManualRunRow))]
[JsonSerializable(typeof(LookRow))]
[JsonSerializable(typeof(CalendarPage))]
[JsonSerializable(typeof(SimulationPage))]
[JsonSerializable(typeof(DuePage))]
[JsonSerializable(typeof(HistoryPage))]
internal sealed partial class ScheduleShapes : JsonSerializerContext;

/// <summary>The shapes for people and programs that read JSON, not HTML: letters of all scripts as they are.</summary>
internal static class ScheduleJson
{
    public static ScheduleShapes Shapes { get; } = new(new(ScheduleShapes.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
