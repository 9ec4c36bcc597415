using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Turns YAML events into source nodes: one document, bounded, aliases resolved, no key twice. Needs no stack of its own.</summary>
internal sealed class YamlSource
{
    public const int MaxDepth = 64;
    public const int MaxNodes = 2_000_000;

    private readonly string _file;
    private readonly ProblemLog _problems;
    private readonly Stack<YamlFrame> _open = new();
    private readonly Dictionary<string, SourceNode> _anchors = new(StringComparer.Ordinal);
    private SourceNode? _root;
    private int _nodes;

    private YamlSource(string file, ProblemLog problems) => (_file, _problems) = (file, problems);

    /// <summary>The document's root; null when there is none, or when a problem makes the rest meaningless.</summary>
    public static SourceNode? Read(string text, string file, ProblemLog problems)
    {
        var source = new YamlSource(file, problems);
        try
        {
            return source.Read(new Parser(new StringReader(text)));
        }
        // Hostile input makes the parser throw more than its own exceptions; to the author all of them mean: not YAML.
        catch (Exception e) when (e is YamlException or InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException or OverflowException)
        {
            var at = e is YamlException yaml ? source.Span(yaml.Start) : new SourceSpan(file, 1, 1);
            problems.Add(ProblemCodes.Syntax, at, $"This is not YAML: {Sentence(e)}", "Check indentation, quotes and brackets here and just above.");
            return null;
        }
    }

    private SourceNode? Read(Parser parser)
    {
        var documents = 0;
        while (parser.MoveNext())
        {
            var e = parser.Current!;
            switch (e)
            {
                case DocumentStart when ++documents == 2:
                    _problems.Add(ProblemCodes.SeveralDocuments, Span(e.Start), "A second document begins here; a file holds one workflow.",
                        "Move it into a file of its own.");
                    return null;
                case Scalar scalar when !Place(Read(scalar), scalar.Anchor): return null;
                case AnchorAlias alias when !PlaceAlias(alias): return null;
                case SequenceStart or MappingStart when !Open((NodeEvent)e): return null;
                case SequenceEnd or MappingEnd when !Close(): return null;
            }
        }
        if (documents == 0)
            _problems.Add(ProblemCodes.Empty, new(_file, 1, 1), "The file holds no workflow.", "Write at least `name:` and `tasks:`.");
        return _root;
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
            return Unsupported(alias.Start, $"No anchor `&{alias.Value}` stands above this alias.", "Define the anchor before it is used; it cannot contain itself.");
        if (_open.Count + node.Height > MaxDepth) return TooLarge(alias.Start, $"With its aliases expanded the nesting is deeper than {MaxDepth} levels.");
        if (!Count(node.Weight, alias.Start)) return false;
        if (!_open.TryPeek(out var parent) || !parent.AwaitsKey) return Attach(node, AnchorName.Empty);
        return node is SourceScalar key ? Place(key, AnchorName.Empty) : Unsupported(alias.Start, "A key must be text, not a list or a map.", "");
    }

    private bool Attach(SourceNode node, AnchorName anchor)
    {
        if (!anchor.IsEmpty) _anchors[anchor.Value] = node;
        if (_open.TryPeek(out var parent)) parent.Add(node);
        else _root = node;
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

    private static string Sentence(Exception e)
    {
        var text = SourceScalar.Shorten(e.Message.Trim());
        return text.EndsWith('.') ? text : text + ".";
    }
}
