using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Expressions;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Planning;

/// <summary>Checks what was given for a run against the workflow's parameters and fills in defaults. Reports every problem at once.</summary>
public static class ParameterBinder
{
    private const int LongestValue = 1024 * 1024;

    /// <summary>Binds JSON values, as they come from the API, a schedule or code.</summary>
    /// <param name="given">Values by name; a null counts as not given.</param>
    /// <param name="now">The run's start, which defaults may use.</param>
    /// <param name="schedule">The schedule that starts the run, which defaults may use.</param>
    public static BoundParameters Bind(
        WorkflowDefinition workflow, IReadOnlyDictionary<string, JsonElement> given, DateTimeOffset now, ScheduleFacts? schedule) =>
        Bind(workflow, given, ParameterValues.Of, v => v, now, schedule);

    /// <summary>Binds texts, as <c>--param k=v</c> gives them: lists and objects are written as JSON.</summary>
    /// <inheritdoc cref="Bind"/>
    public static BoundParameters BindText(
        WorkflowDefinition workflow, IReadOnlyDictionary<string, string> given, DateTimeOffset now, ScheduleFacts? schedule) =>
        Bind(workflow, given, ParameterValues.OfText, ParameterValues.Text, now, schedule);

    private static string Owner(WorkflowDefinition workflow) => workflow.Name.Length > 0 ? $"Workflow '{workflow.Name}'" : "The approval";

    private static BoundParameters Bind<T>(
        WorkflowDefinition workflow, IReadOnlyDictionary<string, T> given, Func<ParameterDefinition, T, JsonElement?> convert, Func<T, JsonElement> json,
        DateTimeOffset now, ScheduleFacts? schedule)
    {
        var problems = ImmutableArray.CreateBuilder<Problem>();
        var values = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        var names = workflow.Params.Select(p => p.Name).ToArray();
        foreach (var name in given.Keys.Order(StringComparer.Ordinal))
            if (!names.Contains(name)) Report("ORC301", $"{Owner(workflow)} has no parameter '{name}'.", Known(name, names));

        ExpressionScope? scope = null;
        foreach (var parameter in workflow.Params)
        {
            if (parameter.Type == ParameterType.Secret)
            {
                if (given.TryGetValue(parameter.Name, out var told) && json(told) is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) })
                    Report("ORC308", $"Parameter '{parameter.Name}' is a secret and cannot be given: its value would be kept with the run.", $"It is read from {SourceOf(parameter)}: put the value there.");
                values[parameter.Name] = Nothing;
            }
            else if (given.TryGetValue(parameter.Name, out var value) && json(value) is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } found)
            {
                if (JsonBounds.Fault(found) is { } fault) ReportFault(parameter, fault);
                else if (IsTooLong(found)) Report("ORC306", $"The value of parameter '{parameter.Name}' is longer than {LongestValue} characters.", "Put it in a file and give its path.");
                else if (convert(parameter, value) is { } converted) Keep(parameter, converted);
                else ReportWrong(parameter, found, "");
            }
            else if (parameter.Default is { ValueKind: not JsonValueKind.Null } fallback)
            {
                scope ??= DefaultScope(workflow, now, schedule);
                if (Evaluate(parameter, fallback, scope) is not { } rendered) continue;
                if (ParameterValues.Of(parameter, rendered) is { } converted) Keep(parameter, converted);
                else ReportWrong(parameter, rendered, " by default");
            }
            else if (parameter.Required)
                Report("ORC302", $"{Owner(workflow)} needs a value for parameter '{parameter.Name}'.", $"Give {ParameterValues.Expected(parameter)}.");
            else values[parameter.Name] = Nothing;
        }
        return new(values.ToImmutable(), problems.ToImmutable());

        void Report(string code, string message, string remedy) => problems.Add(new(code, message, remedy, workflow.Span));

        // A text becomes a list or object only when it is converted.
        void Keep(ParameterDefinition parameter, JsonElement converted)
        {
            if (JsonBounds.Fault(converted) is { } fault) ReportFault(parameter, fault);
            else if (ParameterLimits.Broken(parameter, converted) is { } limit)
                Report("ORC309", $"Parameter '{parameter.Name}' must be {limit}, but is {ParameterValues.Shown(converted)}.", "Give another value.");
            else values[parameter.Name] = converted;
        }

        void ReportFault(ParameterDefinition parameter, JsonFault fault) =>
            Report("ORC307", fault.Of($"parameter '{parameter.Name}'"), "Put it in a file and give its path, or give it in another form.");

        void ReportWrong(ParameterDefinition parameter, JsonElement found, string how)
        {
            var isEnum = parameter.Type == ParameterType.Enum;
            var near = isEnum && found.ValueKind == JsonValueKind.String ? Suggest.DidYouMean(found.GetString()!, parameter.Values) : "";
            Report(isEnum ? "ORC304" : "ORC303",
                $"Parameter '{parameter.Name}' takes {ParameterValues.Expected(parameter)}, but is{how} {ParameterValues.Shown(found)}.", near);
        }

        JsonElement? Evaluate(ParameterDefinition parameter, JsonElement fallback, ExpressionScope scope)
        {
            if (fallback.ValueKind != JsonValueKind.String || !Template.MayHaveHoles(fallback.GetString()!)) return fallback;
            if (!Template.TryParse(fallback.GetString()!, out var template, out var error))
            {
                Report("ORC305", $"The default of parameter '{parameter.Name}', character {error.Offset + 1}: {error.Message}", "");
                return null;
            }
            if (template.References.FirstOrDefault(r => r.Root is not ("env" or "schedule")) is { Root: not null } foreign)
            {
                Report("ORC305", $"The default of parameter '{parameter.Name}' uses {foreign}, which does not exist before the run.", "A default may use now, env and schedule.");
                return null;
            }
            try
            {
                return template.RenderValue(scope);
            }
            catch (ExpressionException e)
            {
                Report("ORC305", $"The default of parameter '{parameter.Name}' cannot be evaluated: {e.Message}", "Give a value, or correct the default.");
                return null;
            }
        }
    }

    private static readonly JsonElement Nothing = JsonText.Parse("null"u8);

    private static string SourceOf(ParameterDefinition secret) => secret.Secret is { Env: { } variable } ? $"the variable {variable} of the worker" : $"the file {secret.Secret?.File}";

    private static bool IsTooLong(JsonElement json) =>
        (json.ValueKind == JsonValueKind.String ? json.GetString()!.Length : json.GetRawText().Length) > LongestValue;

    private static string Known(string name, string[] names) => Suggest.DidYouMean(name, names) is { Length: > 0 } near ? near
        : names.Length == 0 ? "It takes none." : $"It takes {string.Join(", ", names.Take(10))}{(names.Length > 10 ? " and more" : "")}.";

    // Of env, only variables without expressions exist before a run: the others may need its parameters.
    private static ExpressionScope DefaultScope(WorkflowDefinition workflow, DateTimeOffset now, ScheduleFacts? schedule) => new()
    {
        Run = new("", workflow.Name, workflow.Tenant, now, ""),
        Env = workflow.Env.Where(v => !Template.MayHaveHoles(v.Value)).ToDictionary(StringComparer.Ordinal),
        Schedule = schedule,
    };
}
