using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads `container`. All its texts become arguments of the client's command line, which everybody on the machine can read.</summary>
internal static class ContainerReader
{
    private static readonly string[] s_engines = ["docker", "podman"];

    public static TaskAction? Read(Fields owner, Draft draft, int index)
    {
        if (owner.Map("container", Vocabulary.Container, "a map such as {image: alpine, command: [date]}") is not { } fields) return null;
        var image = fields.Required("image") is null ? null : draft.Given(fields, "image", ExpressionPlace.Command, index);
        if (fields["command"] is SourceScalar { IsEmpty: false } line)
            fields.Problems.Add(ProblemCodes.WrongType, line.Span, $"`command` must be a list, not {line.Found}.", "Write the arguments one by one, or [sh, -c, \"...\"] for a shell.");
        var action = new ContainerAction(image ?? "")
        {
            Command = fields["command"] is SourceScalar { IsEmpty: false } ? [] : Texts(fields, "command", draft, index),
            Entrypoint = draft.Given(fields, "entrypoint", ExpressionPlace.Command, index),
            Volumes = Texts(fields, "volumes", draft, index),
            Workdir = draft.Given(fields, "workdir", ExpressionPlace.Command, index),
            Network = draft.Given(fields, "network", ExpressionPlace.Command, index),
            User = draft.Given(fields, "user", ExpressionPlace.Command, index),
            Pull = fields.Word<PullPolicy>("pull") ?? default,
            Engine = Engine(fields),
        };
        foreach (var volume in fields.Texts("volumes")) Volume(volume, fields);
        return image is null ? null : action;
    }

    private static ImmutableArray<string> Texts(Fields fields, string key, Draft draft, int index) =>
        [.. fields.Texts(key).Where(t => draft.NoZero(t, $"{key}[]")).Select(t => draft.Template(t, ExpressionPlace.Command, index))];

    private static void Volume(SourceScalar volume, Fields fields)
    {
        if (volume.Text.Contains("${{", StringComparison.Ordinal)) return;
        var parts = volume.Text.Split(':');
        if (parts is [{ Length: > 0 }, ['/', ..]] or [{ Length: > 0 }, ['/', ..], "ro" or "rw"]) return;
        fields.Problems.Add(ProblemCodes.BadValue, volume.Span, $"`volumes` holds {volume.Found}.", "Write source:/target or source:/target:ro; the target is absolute.");
    }

    private static string? Engine(Fields fields)
    {
        if (fields.Text("engine") is not { } engine || s_engines.Contains(engine)) return fields.Text("engine");
        fields.Problems.Add(ProblemCodes.BadValue, fields.At("engine"), $"`engine` is `{SourceScalar.Shorten(engine)}`.", "Use docker or podman, or leave it out.");
        return null;
    }
}
