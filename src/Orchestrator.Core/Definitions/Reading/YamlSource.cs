using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>
/// Turns YAML events into source nodes, document by document: bounded, aliases resolved, merge keys applied, no key twice. Needs no stack of its own.
/// </summary>
internal sealed class YamlSource
{
    public const int MaxDepth = 64;
    public const int MaxNodes = 2_000_000;

    private readonly string _file;
    private readonly Stack<YamlFrame> _open = new();
    private readonly Dictionary<string, SourceNode> _anchors = new(StringComparer.Ordinal);
    private readonly List<YamlDocument> _documents = [];
    private ProblemLog _problems = new();
    private SourceNode? _root;
    private SourceSpan _start, _nothing;
    private bool _skipping;
    private int _nodes, _depth;

    private YamlSource(string file) => (_file, _start, _nothing) = (file, new(file, 1, 1), new(file, 1, 1));

    /// <summary>
    /// Every document that holds something, in order; at least one. A document's root is null when a problem makes the rest of it meaningless; after
    /// text that is not YAML nothing more can be read.
    /// </summary>
    public static IReadOnlyList<YamlDocument> ReadAll(string text, string file)
    {
        var source = new YamlSource(file);
        var scanner = new Scanner(new StringReader(text));
        try
        {
            source.Read(new Parser(scanner));
        }
        // Hostile input makes the parser throw more than its own exceptions; to the author all of them mean: not YAML.
        catch (Exception e) when (e is YamlException or InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException or OverflowException)
        {
            source.Broken(YamlFault.Of(e, scanner.CurrentPosition, text, file));
        }
        return source._documents;
    }

    /// <summary>The root of a text of one document; null when there is none, or when a problem makes the rest meaningless.</summary>
    public static SourceNode? Read(string text, string file, ProblemLog problems)
    {
        var documents = ReadAll(text, file);
        problems.AddRange(documents[0].Problems);
        if (documents.Count == 1) return documents[0].Root;
        problems.Add(ProblemCodes.SeveralDocuments, documents[1].Start, "A second document begins here; one workflow was expected.", "Move it into a file of its own.");
        return null;
    }

    private void Read(Parser parser)
    {
        while (parser.MoveNext())
        {
            var e = parser.Current!;
            switch (e)
            {
                case DocumentStart: Begin(Span(e.Start)); break;
                case DocumentEnd: End(); break;
                case StreamStart or StreamEnd or Comment: break;
                default: _skipping = _skipping || !Take(e); break;
            }
            _depth += e.NestingIncrease;
            if (_depth <= MaxDepth || !_skipping) continue;
            // The parser's work grows with the square of the depth: what is passed over is bounded too, and so is what may follow it.
            Keep(null);
            return;
        }
        if (_documents.Count > 0) return;
        _problems.Add(ProblemCodes.Empty, _nothing, "The file holds no workflow.", "Write at least `name:` and `tasks:`.");
        Keep(null);
    }

    private bool Take(ParsingEvent e) => e switch
    {
        Scalar scalar => Place(Read(scalar), scalar.Anchor),
        AnchorAlias alias => PlaceAlias(alias),
        SequenceStart or MappingStart => Open((NodeEvent)e),
        SequenceEnd or MappingEnd => Close(),
        _ => true,
    };

    private void Begin(SourceSpan at)
    {
        _open.Clear();
        _anchors.Clear();
        (_root, _skipping, _start, _problems) = (null, false, at, new());
    }

    // A document of nothing but comments is none, unless it is all there is.
    private void End()
    {
        if (!_skipping && _root is null or { IsNothing: true } && _problems.IsEmpty) _nothing = _root?.Span ?? _start;
        else Keep(_skipping ? null : _root);
    }

    private void Broken(Problem fault)
    {
        // Skipped text is not reported further.
        if (!_skipping) _problems.Add(fault.Code, fault.At, fault.Message, fault.Remedy);
        Keep(null);
    }

    private void Keep(SourceNode? root)
    {
        _documents.Add(new(root, _start, _problems));
        _problems = new();
    }

    private SourceScalar Read(Scalar e)
    {
        if (!e.Tag.IsEmpty && !e.Tag.IsNonSpecific) Unsupported(e.Start, $"The tag `{e.Tag}` is not supported.", "Write the value without a tag; quote it to make it text.");
        var form = e.Style == ScalarStyle.Plain ? ScalarForm.Plain : ScalarForm.Quoted;
        return new(e.Value, form, Span(e.Start), (int)e.Start.Index, (int)e.End.Index);
    }

    private bool Open(NodeEvent e)
    {
        if (_open.TryPeek(out var parent) && parent.AwaitsKey)
            return Unsupported(e.Start, "A key must be text, not a list or a map.", "Quote the text if it begins with a bracket or brace.");
        if (!e.Tag.IsEmpty && !e.Tag.IsNonSpecific) Unsupported(e.Start, $"The tag `{e.Tag}` is not supported.", "Write the value without a tag.");
        if (_open.Count == MaxDepth)
            return TooLarge(e.Start, $"Nesting is deeper than {MaxDepth} levels.");
        _open.Push(new(e is MappingStart, Span(e.Start), e.Anchor));
        return Count(1, e.Start);
    }

    private bool Close()
    {
        var frame = _open.Pop();
        return Attach(frame.ToNode(), frame.Anchor);
    }

    private bool Place(SourceScalar scalar, AnchorName anchor)
    {
        if (!_open.TryPeek(out var parent) || !parent.AwaitsKey)
            return CountAt(scalar) && Attach(scalar, anchor);
        if (!parent.TakeKey(scalar, out var first))
            _problems.Add(ProblemCodes.DuplicateKey, scalar.Span, $"The key `{SourceScalar.Shorten(scalar.Text)}` occurs twice in this map, first on line {first.Line}.",
                "Keep one of the two.");
        if (!anchor.IsEmpty) _anchors[anchor.Value] = scalar;
        return CountAt(scalar);
    }

    private bool PlaceAlias(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var node))
            return Unsupported(alias.Start, $"No anchor `&{alias.Value}` is defined above this alias.", "Define the anchor before it is used; it cannot contain itself.");
        if (_open.Count + node.Height > MaxDepth) return TooLarge(alias.Start, $"With its aliases expanded the nesting is deeper than {MaxDepth} levels.");
        if (!Count(node.Weight, alias.Start)) return false;
        if (!_open.TryPeek(out var parent) || !parent.AwaitsKey) return Attach(node, AnchorName.Empty);
        return node is SourceScalar key ? Place(key, AnchorName.Empty) : Unsupported(alias.Start, "A key must be text, not a list or a map.", "");
    }

    private bool Attach(SourceNode node, AnchorName anchor)
    {
        if (!anchor.IsEmpty) _anchors[anchor.Value] = node;
        if (!_open.TryPeek(out var parent)) _root = node;
        else if (!parent.Add(node))
            _problems.Add(ProblemCodes.UnsupportedYaml, node.Span, $"`<<` merges maps into this one, but here is {node.Found}.", "Write `<<: *anchor` or `<<: [*first, *second]`, each the alias of a map.");
        return true;
    }

    private bool CountAt(SourceScalar scalar) => Count(1, scalar.Span);

    private bool Count(int weight, Mark at) => Count(weight, Span(at));

    private bool Count(int weight, SourceSpan at)
    {
        if ((_nodes += weight) <= MaxNodes && _nodes > 0) return true;
        _problems.Add(ProblemCodes.TooLarge, at, $"The definition has more than {MaxNodes} values, aliases expanded.", "Split the workflow, or use fewer aliases.");
        return false;
    }

    private bool TooLarge(Mark at, string message)
    {
        _problems.Add(ProblemCodes.TooLarge, Span(at), message, "Flatten the definition.");
        return false;
    }

    private bool Unsupported(Mark at, string message, string remedy)
    {
        _problems.Add(ProblemCodes.UnsupportedYaml, Span(at), message, remedy);
        return false;
    }

    private SourceSpan Span(Mark at) => new(_file, (int)at.Line, (int)at.Column);
}
