using System.Globalization;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>What a count of n-grams becomes.</summary>
internal enum NGramWeighting
{
    /// <summary>The count.</summary>
    Count,

    /// <summary>The weight where the n-gram occurs, else 0.</summary>
    Weight,

    /// <summary>The count times the weight.</summary>
    CountTimesWeight,
}

/// <summary>
/// How often each n-gram of a pool occurs in a list of items, or in each row of a matrix of them (ONNX TfIdfVectorizer). Inputs: items (integers or
/// texts), the pool of the same type, and optionally a weight for each n-gram of the pool.
/// </summary>
internal sealed class NGramCount : Operator
{
    public NGramWeighting Weighting;
    public int Shortest = 1;
    public int Longest = 1;

    /// <summary>Items that may lie between two neighbours of an n-gram at most; all gaps of one n-gram are equal.</summary>
    public int MostSkips;

    /// <summary>Where in the pool the n-grams of length 1, 2, 3 … begin.</summary>
    public long[] Starts = [0];

    /// <summary>The column of each n-gram of the pool.</summary>
    public long[] Columns = [];

    public override Tolerance Tolerance => Tolerance.Rounding;

    public override void Attributes(AttributeCodec codec)
    {
        codec.Enum("weighting", ref Weighting);
        codec.Int("shortest", ref Shortest);
        codec.Int("longest", ref Longest);
        codec.Int("most_skips", ref MostSkips);
        codec.Longs("starts", ref Starts);
        codec.Longs("columns", ref Columns);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 2, 3);
        if (Shortest < 1 || Longest < Shortest || MostSkips < 0) throw Invalid($"there are no n-grams of {Shortest} to {Longest} items with {MostSkips} skips.");
        if (inputs[0].DataType != inputs[1].DataType || inputs[0].DataType is not (DataType.I32 or DataType.I64 or DataType.Text))
            throw Invalid($"n-grams {inputs[1].Type} cannot be counted in {inputs[0].Type}.");
        long columns = Columns.Length == 0 ? 0 : Columns.Max() + 1;
        if (columns > 1 << 24 || Columns.Any(c => c < 0)) throw Invalid("a column of an n-gram is out of range.");
        if (inputs[1].Shape.IsStatic) CheckPool(inputs[1].Shape);
        if (inputs.Length > 2 && !inputs[2].IsMissing && inputs[2].Shape.IsStatic && inputs[2].Shape != new Shape(Columns.Length))
            throw Invalid($"the weights {inputs[2].Type} do not fit {Columns.Length} n-grams.");
        Shape x = inputs[0].Shape;
        if (x.IsUnranked) return [new TensorType(DataType.F32, x)];
        return [x.Rank switch
        {
            1 => new TensorType(DataType.F32, (int)columns),
            2 => new TensorType(DataType.F32, x[0], (int)columns),
            _ => throw Invalid($"{inputs[0].Type} is no list of items, and no matrix of them."),
        }];
    }

    private void CheckPool(in Shape pool)
    {
        long count = 0;
        bool fits = pool.Rank == 1 && Starts.Length > 0 && Starts[0] == 0;
        for (int i = 0; fits && i < Starts.Length; i++)
        {
            long end = i + 1 < Starts.Length ? Starts[i + 1] : pool[0];
            fits = Starts[i] >= 0 && end >= Starts[i] && end <= pool[0] && (end - Starts[i]) % (i + 1) == 0;
            if (fits) count += (end - Starts[i]) / (i + 1);
        }
        if (!fits || count != Columns.Length) throw Invalid($"a pool of {pool} items does not fit {Columns.Length} n-grams that begin at {string.Join(", ", Starts.Take(20))}.");
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(inputs[0].Shape.Count * (Longest - Shortest + 1L) * (MostSkips + 1L), Operators.Cost.Traffic(inputs, outputs));

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        int[] pool = Array.ConvertAll(Items(inputs[1]), item => numbers.TryAdd(item, numbers.Count) ? numbers.Count - 1 : numbers[item]);
        Dictionary<string, long> columnOf = Index(pool);
        int[] items = Array.ConvertAll(Items(inputs[0]), item => numbers.GetValueOrDefault(item, -1));
        Shape x = inputs[0].Shape;
        int rows = x.Rank == 2 ? x[0] : 1, length = x[-1], columns = outputs[0].Shape[-1];
        Span<float> y = outputs[0].Span<float>();
        y.Clear();
        for (int row = 0; row < rows; row++) Count(items.AsSpan(row * length, length), columnOf, y.Slice(row * columns, columns));
        if (Weighting == NGramWeighting.Count) return;
        double[] given = inputs.Length > 2 ? Elements.Read(inputs[2]) : [];
        float[] weights = new float[columns];
        Array.Fill(weights, 1);
        for (int i = 0; i < given.Length; i++) weights[Columns[i]] = (float)given[i];
        for (int i = 0; i < y.Length; i++)
        {
            float weight = weights[i % columns];
            y[i] = Weighting == NGramWeighting.CountTimesWeight ? y[i] * weight : y[i] > 0 ? weight : 0;
        }
    }

    private Dictionary<string, long> Index(int[] pool)
    {
        var columnOf = new Dictionary<string, long>(StringComparer.Ordinal);
        int next = 0;
        for (int n = 1; n <= Starts.Length; n++)
        {
            long end = n < Starts.Length ? Starts[n] : pool.Length;
            for (long at = Starts[n - 1]; at < end; at += n) columnOf.TryAdd(string.Join(' ', pool.Skip((int)at).Take(n)), Columns[next++]);
        }
        return columnOf;
    }

    private void Count(ReadOnlySpan<int> items, Dictionary<string, long> columnOf, Span<float> counts)
    {
        // Longer n-grams than the pool has occur nowhere.
        for (int n = Shortest; n <= Math.Min(Longest, Starts.Length); n++)
        {
            int[] gram = new int[n];
            // A single item has no neighbours, so no gaps.
            for (long step = 1; step <= (n == 1 ? 1 : MostSkips + 1L) && (n - 1) * step < items.Length; step++)
                for (int first = 0; first + (n - 1) * step < items.Length; first++)
                {
                    for (int i = 0; i < n; i++) gram[i] = items[(int)(first + i * step)];
                    if (columnOf.TryGetValue(string.Join(' ', gram), out long column)) counts[(int)column]++;
                }
        }
    }

    private static string[] Items(in TensorView view) => view.DataType switch
    {
        DataType.Text => Array.ConvertAll(view.Span<TextElement>().ToArray(), t => t.ToString()),
        DataType.I32 => Array.ConvertAll(view.Span<int>().ToArray(), i => i.ToString(CultureInfo.InvariantCulture)),
        _ => Array.ConvertAll(view.Span<long>().ToArray(), i => i.ToString(CultureInfo.InvariantCulture)),
    };
}
