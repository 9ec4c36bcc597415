using Orchestrator.Core.Expressions;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Which roots have a value where: a pure table of places.</summary>
internal static class Visibility
{
    /// <summary>Why a reference has no place there, as code, message and remedy; null where it has.</summary>
    /// <param name="task">The task or handler the text belongs to, where it belongs to one.</param>
    public static (string Code, string Message, string Remedy)? Of(ExpressionPlace place, ExpressionReference reference, TaskDefinition? task, bool isHandler, VariableReach reach)
    {
        var isSecret = reach.IsSecret(reference);
        switch (place)
        {
            case ExpressionPlace.Group when isSecret:
                return Exposed(reference, "the names of groups are kept in the journal");
            case ExpressionPlace.RunOutput when isSecret:
                return Exposed(reference, "results are kept in the journal");
            case ExpressionPlace.ParameterDefault when reference.Root is not ("env" or "schedule"):
                return NotHere($"A parameter's default cannot use {reference}: it is evaluated before there is a run.", "A default may use now, env and schedule.");
            case ExpressionPlace.Trigger when reference.Root is not ("env" or "trigger"):
                return NotHere($"A trigger cannot use {reference}: it is evaluated before there is a run.", "It may use trigger, now and env.");
            case ExpressionPlace.Group when reference.Root is not ("params" or "schedule" or "run") || IsOutcome(reference):
                return NotHere($"The name of a concurrency group cannot use {reference}: it is known before the run starts.", "It may use params, schedule and run.");
            case ExpressionPlace.RunOutput when reference.Root is not ("params" or "tasks" or "run" or "schedule") || IsOutcome(reference):
                return NotHere($"A result of the run cannot use {reference}.", "It may use tasks, params, run and schedule.");
        }
        if (IsOutcome(reference) && !isHandler)
            return NotHere($"{reference} has a value only in handlers: it is fixed when the tasks have ended.", "Move this to `handlers:`.");
        return reference.Root switch
        {
            _ when isSecret => Secret(place, reference),
            "env" => Through(place, reference, reach.Of(reference.Name, task)),
            "outputs" when place is not (ExpressionPlace.Transform or ExpressionPlace.SecretTransform or ExpressionPlace.PollCondition) =>
                NotHere("`outputs` has a value only in `transform` and in a poll's condition.", "Another task's results are tasks.ID.outputs."),
            "trigger" when place != ExpressionPlace.Trigger =>
                NotHere("`trigger` has a value only in `triggers`: a run gets what it needs as parameters.", "Set a parameter under the trigger's `params:` and use it here as params.NAME."),
            "item" or "matrix" => Fanned(place, reference, task),
            _ => null,
        };
    }

    /// <summary>Why a secret result of a task has no place there; null where it has. Whether tasks can be named there at all, <see cref="Of"/> says.</summary>
    public static (string Code, string Message, string Remedy)? OfSecretOutput(ExpressionPlace place, OutputRead read)
    {
        var reference = new ExpressionReference(read.ToString(), "");
        return place == ExpressionPlace.RunOutput ? Exposed(reference, "results are kept in the journal") : Secret(place, reference);
    }

    private static (string, string, string)? Fanned(ExpressionPlace place, ExpressionReference reference, TaskDefinition? task)
    {
        var key = reference.Root == "item" ? "foreach" : "matrix";
        // A task without a usable id has its other problems reported.
        if (task is null && place is not (ExpressionPlace.WorkflowEnv or ExpressionPlace.DefaultsEnv or ExpressionPlace.Workflow)) return null;
        if (task?.FanOut is not { } fanOut || fanOut.IsMatrix == (key == "foreach"))
            return NotHere($"`{reference}` has a value only in a task with `{key}`.", $"Add `{key}:` to the task, or use a parameter.");
        return place is ExpressionPlace.Items or ExpressionPlace.Item
            ? NotHere($"`{reference}` has no value here: the list is made before there are items.", "Use params or the results of a task before it.")
            : null;
    }

    private static (string, string, string)? Secret(ExpressionPlace place, ExpressionReference reference) => place switch
    {
        ExpressionPlace.Command => Exposed(reference, "everybody on the machine can read command lines in the list of processes",
            "Pass it by env: `env: {NAME: \"${{ " + reference + " }}\"}`, and read $NAME."),
        ExpressionPlace.Decided => Exposed(reference, "this text is kept in the journal"),
        ExpressionPlace.Items or ExpressionPlace.Item => Exposed(reference, "items are kept in the journal"),
        ExpressionPlace.Transform => Exposed(reference, "results are kept in the journal",
            "Name the result under `secret_outputs`, or pass the secret by env to a task that runs something."),
        ExpressionPlace.Condition or ExpressionPlace.PollCondition =>
            NotHere($"{reference} has no value here: decisions are made without secrets.", "Compare in the task itself, which gets it by env."),
        _ => null,
    };

    private static (string, string, string)? Through(ExpressionPlace place, ExpressionReference reference, IReadOnlySet<string> roots)
    {
        if (roots.Contains("secrets") && Secret(place, reference) is var (code, message, remedy))
            return (code, $"{reference} holds a secret. {message}", place == ExpressionPlace.Command ? $"Write ${reference.Name}: the process has it in its environment." : remedy);
        return place is ExpressionPlace.Items or ExpressionPlace.Item && (roots.Contains("item") || roots.Contains("matrix"))
            ? NotHere($"{reference} is made from an item and has no value here.", "Use params or the results of a task before it.")
            : null;
    }

    private static bool IsOutcome(ExpressionReference reference) => reference.Root == "run" && Roots.OfOutcome.Contains(reference.Name);

    private static (string, string, string) NotHere(string message, string remedy) => (ProblemCodes.NotVisibleHere, message, remedy);

    private static (string, string, string) Exposed(ExpressionReference reference, string why, string remedy = "Pass it by env to a task that runs something, and nowhere else.") =>
        (ProblemCodes.SecretExposed, $"The value of {reference} would be exposed: {why}.", remedy);
}
