namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Where an expression stands, which decides what it may name.</summary>
internal enum ExpressionPlace
{
    /// <summary>A workflow's or the defaults' text: no task is finished for sure.</summary>
    Workflow,
    /// <summary>A parameter's default: evaluated before there is a run.</summary>
    ParameterDefault,
    /// <summary>A task's text.</summary>
    Task,
    /// <summary>A task's `if`: the whole text is one expression.</summary>
    Condition,
}

/// <summary>A text that holds expressions, kept until the whole workflow is known.</summary>
/// <param name="Node">The text as written.</param>
/// <param name="Task">Index of the task it belongs to; -1 for the workflow.</param>
internal readonly record struct EmbeddedText(SourceScalar Node, ExpressionPlace Place, int Task)
{
    /// <summary>The task has no usable id.</summary>
    public const int NoTask = -2;
}
