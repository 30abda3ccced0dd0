using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>The numbers from a start up to, but not including, a limit by a step: three scalar inputs of one type.</summary>
internal sealed class Range : Operator
{
    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 3, 3);
        if (inputs[1].DataType != inputs[0].DataType || inputs[2].DataType != inputs[0].DataType)
            throw Invalid($"start, limit and step {inputs[0].Type}, {inputs[1].Type} and {inputs[2].Type} differ in type.");
        if (Elements.Scalar(inputs[0]) is not { } start || Elements.Scalar(inputs[1]) is not { } limit || Elements.Scalar(inputs[2]) is not { } step)
            return [new TensorType(inputs[0].DataType, Shape.Unknown)];
        double count = Math.Ceiling((limit - start) / step);
        if (!(Math.Abs(count) <= int.MaxValue)) throw Invalid($"there is no list from {start} to {limit} by {step}.");
        return [new TensorType(inputs[0].DataType, (int)Math.Max(0, count))];
    }

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var action = new Action { Start = inputs[0], Step = inputs[2], Y = outputs[0] };
        TypeDispatch.Number(inputs[0].DataType, ref action);
    }

    private ref struct Action : INumberAction
    {
        public TensorView Start, Step, Y;

        public readonly void Invoke<T>() where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            Span<T> y = Y.Span<T>();
            T start = Start.Span<T>()[0], step = Step.Span<T>()[0];
            for (int i = 0; i < y.Length; i++) y[i] = start + T.CreateTruncating(i) * step;
        }
    }
}
