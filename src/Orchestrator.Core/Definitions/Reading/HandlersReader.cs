using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>
/// Reads `handlers`: up to four lists of tasks. Their indices follow those of the tasks, in the order of <see cref="HandlersDefinition.All"/>.
/// </summary>
/// <param name="shell">The workflow's.</param>
/// <param name="tasks">How many tasks the workflow has.</param>
internal sealed class HandlersReader(Draft draft, TaskDefaults? defaults, ImmutableArray<string> shell, int tasks)
{
    /// <summary>They run one after another: more would never end.</summary>
    public const int MaxHandlers = 100;

    /// <summary>The handlers and, in their order, the maps they were read from.</summary>
    public (HandlersDefinition? Definition, IReadOnlyList<SourceMap> Sources) Read(Fields workflow)
    {
        var sources = new List<SourceMap>();
        if (workflow.Map("handlers", Vocabulary.Handlers, "a map such as {on_failure: [{id: page, run: ./page.sh}]}", orEmpty: true) is not { } fields) return (null, sources);
        var handlers = new HandlersDefinition
        {
            OnSuccess = Tasks(fields, "on_success", sources),
            OnFailure = Tasks(fields, "on_failure", sources),
            OnCancel = Tasks(fields, "on_cancel", sources),
            Finally = Tasks(fields, "finally", sources),
        };
        return (sources.Count == 0 ? null : handlers, sources);
    }

    private ImmutableArray<TaskDefinition> Tasks(Fields fields, string key, List<SourceMap> sources)
    {
        var handlers = ImmutableArray.CreateBuilder<TaskDefinition>();
        var items = fields.Items(key, "a list of tasks");
        if (items.Count > MaxHandlers)
        {
            draft.Problems.Add(ProblemCodes.TooLarge, items[MaxHandlers].Span, $"`{key}` has {items.Count} tasks; {MaxHandlers} are allowed.", "Start a workflow of its own: `workflow: name`.");
            return [];
        }
        var reader = new TaskReader(draft, defaults, shell, isHandler: true);
        foreach (var item in items)
        {
            var texts = draft.Embedded.Count;
            if (reader.Read(item, tasks + sources.Count) is not { } handler)
            {
                draft.Disown(texts);
                continue;
            }
            handlers.Add(handler);
            sources.Add((SourceMap)item);
        }
        return handlers.ToImmutable();
    }
}
