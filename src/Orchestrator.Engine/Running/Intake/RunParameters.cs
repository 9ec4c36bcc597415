using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Planning;

namespace Orchestrator.Engine.Running;

/// <summary>What was given for a run's parameters, in the form in which it came.</summary>
public abstract class RunParameters
{
    private RunParameters() { }

    /// <summary>Nothing: every parameter has its default.</summary>
    public static RunParameters None { get; } = Given(ImmutableSortedDictionary<string, JsonElement>.Empty);

    /// <summary>JSON values by name, as a request, a schedule or code gives them; a null counts as not given.</summary>
    public static RunParameters Given(IReadOnlyDictionary<string, JsonElement> values) => new Json(values);

    /// <summary>Texts by name, as <c>--param k=v</c> gives them: lists and objects are written as JSON.</summary>
    public static RunParameters Text(IReadOnlyDictionary<string, string> values) => new Texts(values);

    /// <summary>Values that were checked before, defaults filled in.</summary>
    public static RunParameters Checked(ImmutableSortedDictionary<string, JsonElement> values) => new Values(values);

    /// <summary>Checks them against the definition and fills in defaults.</summary>
    /// <param name="definition">The workflow.</param>
    /// <param name="now">The run's start, which defaults may use.</param>
    /// <param name="schedule">The schedule that starts the run, which defaults may use.</param>
    public abstract BoundParameters Bind(WorkflowDefinition definition, DateTimeOffset now, ScheduleFacts? schedule = null);

    private sealed class Json(IReadOnlyDictionary<string, JsonElement> values) : RunParameters
    {
        public override BoundParameters Bind(WorkflowDefinition definition, DateTimeOffset now, ScheduleFacts? schedule) => ParameterBinder.Bind(definition, values, now, schedule);
    }

    private sealed class Texts(IReadOnlyDictionary<string, string> values) : RunParameters
    {
        public override BoundParameters Bind(WorkflowDefinition definition, DateTimeOffset now, ScheduleFacts? schedule) => ParameterBinder.BindText(definition, values, now, schedule);
    }

    private sealed class Values(ImmutableSortedDictionary<string, JsonElement> values) : RunParameters
    {
        public override BoundParameters Bind(WorkflowDefinition definition, DateTimeOffset now, ScheduleFacts? schedule) => new(values, []);
    }
}
