using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Texts, and counts of the words in them.</summary>
internal static class Texts
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("StringNormalizer", StringNormalizer),
        ("StringConcat", n => [n.Add1(new StringConcat(), n.Input(0), n.Input(1))]),
        ("StringSplit", n => n.Add(new StringSplit { Separator = n.Attributes.String("delimiter", ""), MostCuts = n.Attributes.Int32("maxsplit", -1) }, n.Input(0))),
        ("RegexFullMatch", n => [n.Add1(new RegexMatch { Pattern = n.Attributes.String("pattern", "") }, n.Input(0))]),
        ("TfIdfVectorizer", TfIdfVectorizer),
    ];

    /// <summary>A tensor of texts.</summary>
    public static Tensor Tensor(params ReadOnlySpan<string> texts)
    {
        var tensor = new Tensor(new TensorType(DataType.Text, texts.Length));
        Span<TextElement> elements = tensor.Span<TextElement>();
        for (int i = 0; i < texts.Length; i++) elements[i] = TextElement.From(texts[i]);
        return tensor;
    }

    private static Value[] StringNormalizer(OnnxNode node)
    {
        var normalize = new StringNormalize
        {
            Case = node.Attributes.OneOf("case_change_action", "NONE", "LOWER", "UPPER") switch
            {
                "NONE" => LetterCase.Keep,
                "LOWER" => LetterCase.Lower,
                _ => LetterCase.Upper,
            },
            CaseSensitive = node.Attributes.Bool("is_case_sensitive", false),
        };
        string[] dropped = node.Attributes.Strings("stopwords");
        return [node.Add1(normalize, node.Input(0), dropped.Length == 0 ? null : node.Constant(Tensor(dropped)))];
    }

    private static Value[] TfIdfVectorizer(OnnxNode node)
    {
        OnnxAttributes given = node.Attributes;
        var count = new NGramCount
        {
            Weighting = given.OneOf("mode", "TF", "IDF", "TFIDF") switch
            {
                "TF" => NGramWeighting.Count,
                "IDF" => NGramWeighting.Weight,
                _ => NGramWeighting.CountTimesWeight,
            },
            Shortest = given.Int32("min_gram_length", 1),
            Longest = given.Int32("max_gram_length", 1),
            MostSkips = given.Int32("max_skip_count", 0),
            Starts = given.Ints("ngram_counts"),
            Columns = given.Ints("ngram_indexes"),
        };
        Value items = node.Input(0);
        Value pool = given.Has("pool_strings") ? node.Constant(Tensor(given.Strings("pool_strings")))
            : node.Cast(node.Integers(given.Ints("pool_int64s")), items.Type.DataType);
        float[] weights = given.Floats("weights");
        return [node.Add1(count, items, pool, weights.Length == 0 ? null : node.Constant(Tensors.Tensor.Vector<float>(weights)))];
    }
}
