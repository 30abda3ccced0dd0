using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Einstein summation: each letter of the equation is an index; indices that the result lacks are summed over. "..." stands for
/// axes that broadcast. Without "->" the result has the letters that appear once, in alphabetical order.
/// </summary>
internal sealed class Einsum : Operator
{
    public string Equation = "";

    /// <summary>The letter of the n-th axis that "..." stands for, counted from the last.</summary>
    private const char FirstBroadcast = '0';

    public override Tolerance Tolerance => Tolerance.Accumulation;

    public override void Attributes(AttributeCodec codec) => codec.String("equation", ref Equation);

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, int.MaxValue);
        var shapes = new Shape[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].IsMissing || inputs[i].DataType != inputs[0].DataType) throw Invalid($"input {i} is missing or not {inputs[0].DataType}.");
            if (inputs[i].Shape.IsUnranked) return [new TensorType(inputs[0].DataType, Shape.Unranked)];
            shapes[i] = inputs[i].Shape;
        }
        (string[] terms, string result) = Parse(shapes);
        Dictionary<char, int> sizes = Sizes(terms, shapes);
        return [new TensorType(inputs[0].DataType, new Shape([.. result.Select(letter => sizes[letter])]))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs)
    {
        Shape[] shapes = Array.ConvertAll(inputs.ToArray(), t => t.Shape);
        // A short equation can name more points than 64 bits count.
        double points = Sizes(Parse(shapes).Terms, shapes).Values.Aggregate(1.0, (a, b) => a * b);
        return new((long)(points * inputs.Length), Operators.Cost.Traffic(inputs, outputs));
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Shape[] shapes = Array.ConvertAll(inputs.ToArray(), v => v.Shape);
        (string[] terms, string result) = Parse(shapes);
        var action = new Action { Inputs = inputs, Y = outputs[0], Terms = terms, Result = result, Sizes = Sizes(terms, shapes) };
        TypeDispatch.Number(inputs[0].DataType, ref action);
    }

    /// <summary>The letters of each input and of the result, "..." replaced by digits.</summary>
    private (string[] Terms, string Result) Parse(Shape[] shapes)
    {
        string equation = Equation.Replace(" ", "");
        string[] sides = equation.Split("->");
        string[] terms = sides[0].Split(',');
        if (sides.Length > 2 || terms.Length != shapes.Length) throw Invalid($"the equation '{Equation}' does not have {shapes.Length} inputs.");
        int widest = 0;
        for (int i = 0; i < terms.Length; i++)
        {
            int hidden = shapes[i].Rank - terms[i].Replace("...", "").Length;
            if (hidden < 0 || (hidden > 0 && !terms[i].Contains("..."))) throw Invalid($"'{terms[i]}' in '{Equation}' does not fit the shape {shapes[i]}.");
            widest = Math.Max(widest, hidden);
            terms[i] = terms[i].Replace("...", Digits(hidden));
        }
        string result = sides.Length == 2
            ? sides[1].Replace("...", Digits(widest))
            : Digits(widest) + string.Concat(string.Concat(terms).Where(char.IsAsciiLetter).GroupBy(c => c).Where(g => g.Count() == 1).Select(g => g.Key).Order());
        if (terms.Append(result).Any(t => !t.All(char.IsAsciiLetterOrDigit)) || result.Except(string.Concat(terms)).Any() || result.Distinct().Count() != result.Length)
            throw Invalid($"the equation '{Equation}' makes no sense.");
        return (terms, result);

        static string Digits(int count) => string.Concat(Enumerable.Range(0, count).Select(i => (char)(FirstBroadcast + count - 1 - i)));
    }

    private Dictionary<char, int> Sizes(string[] terms, Shape[] shapes)
    {
        var sizes = new Dictionary<char, int>();
        for (int i = 0; i < terms.Length; i++)
            for (int axis = 0; axis < terms[i].Length; axis++)
            {
                int size = shapes[i][axis], known = sizes.GetValueOrDefault(terms[i][axis], 1);
                if (size >= 0 && known >= 0 && size != known && size != 1 && known != 1)
                    throw Invalid($"the index '{terms[i][axis]}' of '{Equation}' has sizes {known} and {size}.");
                sizes[terms[i][axis]] = known == 1 || size > 1 ? size : known;
            }
        return sizes;
    }

    private ref struct Action : INumberAction
    {
        public ReadOnlySpan<TensorView> Inputs;
        public TensorView Y;
        public string[] Terms;
        public string Result;
        public Dictionary<char, int> Sizes;

        public readonly void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            char[] letters = [.. Result, .. Sizes.Keys.Except(Result)];
            Span<T> y = Y.Span<T>();
            bool real = Y.DataType.IsFloat();
            long points = 1;
            foreach (char letter in letters) points = checked(points * Sizes[letter]);
            long summed = y.Length == 0 ? 0 : points / y.Length;
            var strides = new long[Inputs.Length][];
            for (int i = 0; i < Inputs.Length; i++) strides[i] = Strides(letters, Terms[i], Inputs[i].Shape);
            var index = new int[letters.Length];
            for (int at = 0; at < y.Length; at++)
            {
                double sum = 0;
                T exact = T.Zero;
                for (long s = 0; s < summed; s++)
                {
                    double product = 1;
                    T exactProduct = T.One;
                    for (int i = 0; i < Inputs.Length; i++)
                    {
                        long offset = 0;
                        for (int l = 0; l < letters.Length; l++) offset += index[l] * strides[i][l];
                        T factor = Inputs[i].Span<T>()[(int)offset];
                        if (real) product *= double.CreateTruncating(factor);
                        else exactProduct *= factor;
                    }
                    sum += product;
                    exact += exactProduct;
                    for (int l = letters.Length - 1; l >= 0 && ++index[l] == Sizes[letters[l]]; l--) index[l] = 0;
                }
                y[at] = real ? T.CreateTruncating(sum) : exact;
            }
        }

        /// <summary>How far a step of each letter goes in one input; a letter that appears twice walks its diagonal.</summary>
        private static long[] Strides(char[] letters, string term, Shape shape)
        {
            var strides = new long[letters.Length];
            long stride = 1;
            for (int axis = shape.Rank - 1; axis >= 0; axis--)
            {
                if (shape[axis] != 1) strides[Array.IndexOf(letters, term[axis])] += stride;
                stride *= shape[axis];
            }
            return strides;
        }
    }
}
