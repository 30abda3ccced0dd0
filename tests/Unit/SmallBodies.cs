using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.Unit;

/// <summary>Operators with small bodies.</summary>
internal static class SmallBodies
{
    /// <summary>The sum of two tensors, or their difference.</summary>
    public static If Choice() => new(Branch(BinaryFunction.Add), Branch(BinaryFunction.Sub));

    /// <summary>A loop that carries a sum to which the number of the run is added, and gives what is carried and a vector that it reads.</summary>
    public static Loop Sum()
    {
        var builder = new GraphBuilder("sum");
        Value number = builder.Input("i", new TensorType(DataType.I64)), goesOn = builder.Input("go on", new TensorType(DataType.Bool));
        Value carried = builder.Input("c", new TensorType(DataType.F32, Shape.Unranked)), other = builder.Input("other", new TensorType(DataType.I64, Shape.Unranked));
        Value sum = builder.Add1("add", new Binary { Function = BinaryFunction.Add }, carried, builder.Add1("cast", new Cast { To = DataType.F32 }, number));
        builder.Output("go on", goesOn);
        builder.Output("c", sum);
        builder.Output("slice", builder.Add1("times", new Binary { Function = BinaryFunction.Mul }, other, number));
        return new Loop(new GraphBody(builder.Build()), 1);
    }

    /// <summary>A scan along axis 0 that gives the running sum, weighted, and the sum.</summary>
    public static Scan RunningSum()
    {
        var builder = new GraphBuilder("running");
        Value state = builder.Input("s", new TensorType(DataType.F32, Shape.Unranked)), slice = builder.Input("x", new TensorType(DataType.F32, Shape.Unranked));
        Value weight = builder.Input("w", new TensorType(DataType.F32, Shape.Unranked));
        Value sum = builder.Add1("add", new Binary { Function = BinaryFunction.Add }, state, slice);
        builder.Output("s", sum);
        builder.Output("y", builder.Add1("times", new Binary { Function = BinaryFunction.Mul }, sum, weight));
        return new Scan(new GraphBody(builder.Build()), 1) { InputAxes = [0] };
    }

    private static GraphBody Branch(BinaryFunction function)
    {
        var builder = new GraphBuilder(function.ToString());
        Value a = builder.Input("a", new TensorType(DataType.F32, Shape.Unranked)), b = builder.Input("b", new TensorType(DataType.F32, Shape.Unranked));
        builder.Output("y", builder.Add1("y", new Binary { Function = function }, a, b));
        return new GraphBody(builder.Build());
    }
}
