using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads `secret_outputs`: which results of a task are secret, and where they could not be kept so.</summary>
internal static class SecretOutputsReader
{
    private const string Key = "secret_outputs";

    /// <param name="fields">The task.</param>
    /// <param name="action">What it does.</param>
    public static ImmutableArray<string> Read(Fields fields, TaskAction action)
    {
        if (!fields.Has(Key)) return [];
        Check(fields, action);
        var made = fields.Has("transform") ? fields.Entries("transform").Select(e => e.Key).ToArray() : null;
        var names = new List<string>();
        foreach (var text in fields.Texts(Key, orSingle: true))
        {
            if (!Names.IsOutput(text.Text))
                fields.Problems.Add(ProblemCodes.BadValue, text.Span, $"`{SourceScalar.Shorten(text.Text)}` is not the name of a result.", Names.OutputRule);
            else if (made?.Contains(text.Text) == false)
                fields.Problems.Add(ProblemCodes.BadValue, text.Span,
                    $"`{text.Text}` is not a result of {fields.Owner}: `transform` makes all of its results, but not this one.",
                    $"Add it to `transform`, or name one of: {string.Join(", ", made.Take(8))}.");
            else if (!names.Contains(text.Text)) names.Add(text.Text);
        }
        return [.. names];
    }

    private static void Check(Fields fields, TaskAction action)
    {
        if (action is not (RunAction or ExecAction or ScriptAction or ContainerAction or HttpAction or SqlAction or DelegateAction))
            Conflict(fields, $"the results of `{action.Kind}` are written to the journal before a secret could be removed from them",
                "Get the secret in a task of kind run, exec, script, container, http, sql or delegate.");
        foreach (var key in (string[])["foreach", "matrix"])
            if (fields.Has(key))
                Conflict(fields, $"a task with `{key}` passes on one list of all results, which is stored",
                    $"Get the secret in a task of its own before this one, without `{key}`.");
        if (fields["outputs"] is SourceScalar { Text: "stdout_json" })
            Conflict(fields, "with `outputs: stdout_json` the results are printed, so they appear in the log",
                "Write the secret to the file $ORCHESTRATOR_OUTPUT and remove `outputs`.");
    }

    private static void Conflict(Fields fields, string why, string remedy) =>
        fields.Problems.Add(ProblemCodes.Conflict, fields.At(Key), $"{Fields.Capital(fields.Owner)} cannot have `{Key}`: {why}.", remedy);
}
