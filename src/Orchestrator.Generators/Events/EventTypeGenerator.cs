using Microsoft.CodeAnalysis;

namespace Orchestrator.Generators.Events;

/// <summary>From <c>[EventType]</c> on a record to everything that has to know the event: one row in one place.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class EventTypeGenerator : IIncrementalGenerator
{
    /// <summary>Step of the models, for tests of what an edit repeats.</summary>
    internal const string Models = "EventModels";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var parsed = context.SyntaxProvider.ForAttributeWithMetadataName(EventParser.Attribute, static (_, _) => true, EventParser.Parse);
        var missing = context.SyntaxProvider.CreateSyntaxProvider(EventParser.MayBeEvent, EventParser.FindMissing).Where(p => p is not null);
        // Source places are dropped here: later steps run again only when an event changes.
        var models = parsed.Select(static (p, _) => p.Model).Where(static m => m is not null).Select(static (m, _) => m!).WithTrackingName(Models);

        context.RegisterSourceOutput(missing, static (output, problem) => output.ReportDiagnostic(problem!.ToDiagnostic()));
        context.RegisterSourceOutput(parsed.Collect(), static (output, all) =>
        {
            foreach (var problem in all.SelectMany(p => p.Problems).Concat(EventDuplicates.Of(all))) output.ReportDiagnostic(problem.ToDiagnostic());
        });
        context.RegisterSourceOutput(models, static (output, model) => output.AddSource($"{model.Name}.g.cs", WriterEmitter.Emit(model)));
        context.RegisterSourceOutput(models.Collect(), static (output, all) =>
        {
            var events = EventDuplicates.Without(all);
            output.AddSource("EventRows.g.cs", TableEmitter.Rows(events));
            output.AddSource("ReadShapes.g.cs", TableEmitter.Shapes(events));
            output.AddSource("EventParts.g.cs", WriterEmitter.EmitParts(events));
            output.AddSource("KnownEvents.g.cs", ReaderEmitter.Emit(events));
        });
    }
}
