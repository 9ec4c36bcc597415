namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Where an expression stands, which decides what it may name.</summary>
internal enum ExpressionPlace
{
    /// <summary>A parameter's default: evaluated before there is a run.</summary>
    ParameterDefault,
    /// <summary>A trigger's text: evaluated for a delivery, before there is a run.</summary>
    Trigger,
    /// <summary>A variable of the workflow: sees those of its siblings that hold no expression.</summary>
    WorkflowEnv,
    /// <summary>A variable of the defaults: sees the workflow's.</summary>
    DefaultsEnv,
    /// <summary>Another text of the workflow or its defaults, rendered with each task.</summary>
    Workflow,
    /// <summary>The name of a concurrency group: evaluated when the run is accepted.</summary>
    Group,
    /// <summary>A result of the run: evaluated when its tasks have ended.</summary>
    RunOutput,
    /// <summary>A variable of a task: sees the workflow's.</summary>
    TaskEnv,
    /// <summary>A task's text.</summary>
    Task,
    /// <summary>A task's text that everybody on the machine can read in the list of processes.</summary>
    Command,
    /// <summary>A task's text that decisions need and the journal keeps.</summary>
    Decided,
    /// <summary>A result made from the attempt's results.</summary>
    Transform,
    /// <summary>A result made from the attempt's results that is secret itself.</summary>
    SecretTransform,
    /// <summary>A poll's condition: the whole text is one expression over the check's results.</summary>
    PollCondition,
    /// <summary>A task's `if`: the whole text is one expression.</summary>
    Condition,
    /// <summary>What a fan-out goes over: the whole text is one expression in its braces.</summary>
    Items,
    /// <summary>A text within what a fan-out goes over.</summary>
    Item,
}

/// <summary>A text that holds expressions, kept until the whole workflow is known.</summary>
/// <param name="Node">The text as written.</param>
/// <param name="Task">Index of the task it belongs to, handlers counted after the tasks; -1 for the workflow.</param>
internal readonly record struct EmbeddedText(SourceScalar Node, ExpressionPlace Place, int Task)
{
    /// <summary>The task has no usable id.</summary>
    public const int NoTask = -2;
}
