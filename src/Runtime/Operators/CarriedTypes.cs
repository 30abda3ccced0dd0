using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// The types of what a loop carries from one run of its body to the next: those it begins with, less whatever the body changes about them.
/// </summary>
internal static class CarriedTypes
{
    /// <summary>Finds types that the body keeps.</summary>
    /// <param name="body">The body.</param>
    /// <param name="inputs">What the body is given the first time; of the carried ones no elements may be known. Their types are changed to those that are kept.</param>
    /// <param name="first">Index of the first carried input.</param>
    /// <param name="firstOutput">Index of the output that becomes that input.</param>
    /// <param name="count">How many are carried.</param>
    /// <returns>The outputs of the body for these types.</returns>
    /// <exception cref="EdgeException">The body changes an element type, or has too few outputs.</exception>
    public static Operand[] Settle(Body body, Operand[] inputs, int first, int firstOutput, int count)
    {
        const int Rounds = 3;
        for (int round = 1; ; round++)
        {
            Operand[] outputs = body.Infer(inputs);
            if (outputs.Length - firstOutput < count)
                throw new EdgeException(ErrorCode.InvalidOperands, $"The body '{body.Name}' has {outputs.Length} outputs, {count} are carried.");
            bool settled = true;
            for (int i = 0; i < count; i++)
            {
                TensorType before = inputs[first + i].Type, after = outputs[firstOutput + i].Type;
                if (before.DataType != after.DataType)
                    throw new EdgeException(ErrorCode.InvalidOperands, $"The body '{body.Name}' makes {after} of the {before} that it carries.");
                Shape common = Shape.Common(before.Shape, after.Shape);
                if (common == before.Shape && before.Quantization is null) continue;
                settled = false;
                inputs[first + i] = new Operand(new TensorType(before.DataType, common));
            }
            if (settled) return outputs;
            // Each round can show another one that changes; rather than look for all, nothing is said of any.
            for (int i = 0; round == Rounds - 1 && i < count; i++)
                inputs[first + i] = new Operand(new TensorType(inputs[first + i].DataType, Shape.Unranked));
        }
    }
}
