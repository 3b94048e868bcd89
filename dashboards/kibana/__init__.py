"""What analysts open in Kibana: data view, saved searches and one dashboard, as saved objects that Kibana imports.

Built from typed parts, in Vietnamese or English; ids never change, so that a later import replaces an earlier one.
"""
