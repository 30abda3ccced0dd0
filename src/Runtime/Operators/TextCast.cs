using System.Globalization;
using System.Numerics;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>Texts to numbers and back, as <see cref="Cast"/> does it: decimals without regard to language, and NaN, INF, +INF and -INF.</summary>
internal static class TextCast
{
    /// <summary>Converts between texts and any other type, or copies texts.</summary>
    public static void Convert(in TensorView x, in TensorView y)
    {
        if (x.DataType == y.DataType) x.Bytes.CopyTo(y.Bytes);
        else if (y.DataType == DataType.Text)
        {
            var write = new Writer { Input = x, Output = y };
            TypeDispatch.Number(x.DataType == DataType.Bool ? DataType.U8 : x.DataType, ref write);
        }
        else if (y.DataType is DataType.Bool or DataType.BF16)
        {
            using var wide = new Tensor(new TensorType(DataType.F32, x.Shape));
            Convert(x, wide.View);
            new Cast { To = y.DataType }.Evaluate([wide.View], [y]);
        }
        else
        {
            var read = new Reader { Input = x, Output = y };
            TypeDispatch.Number(y.DataType, ref read);
        }
    }

    private ref struct Writer : INumberAction
    {
        public TensorView Input, Output;

        public readonly void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            Span<T> x = TypeDispatch.View<T>(Input);
            Span<TextElement> y = Output.Span<TextElement>();
            for (int i = 0; i < x.Length; i++) y[i] = TextElement.From(Text(x[i]));
        }

        private static string Text<T>(T value) where T : INumber<T> =>
            T.IsNaN(value) ? "NaN" : T.IsPositiveInfinity(value) ? "INF" : T.IsNegativeInfinity(value) ? "-INF"
            : value.ToString(null, CultureInfo.InvariantCulture).Replace('E', 'e');
    }

    private ref struct Reader : INumberAction
    {
        public TensorView Input, Output;

        public readonly void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            Span<TextElement> x = Input.Span<TextElement>();
            Span<T> y = TypeDispatch.View<T>(Output);
            for (int i = 0; i < x.Length; i++) y[i] = Number<T>(x[i].ToString().Trim());
        }

        private static T Number<T>(string text) where T : INumber<T>
        {
            if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out T? value)) return value;
            double? special = text.ToUpperInvariant() switch
            {
                "NAN" => double.NaN,
                "INF" or "+INF" or "INFINITY" or "+INFINITY" => double.PositiveInfinity,
                "-INF" or "-INFINITY" => double.NegativeInfinity,
                _ => null,
            };
            if (special is null || T.IsZero(T.CreateSaturating(0.5)))
                throw new EdgeException(ErrorCode.InvalidOperands, $"Cast: the text '{text}' is no {typeof(T).Name}.");
            return T.CreateSaturating(special.Value);
        }
    }
}
